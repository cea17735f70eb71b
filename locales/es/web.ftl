# Las palabras de la página web del servidor. La propia página pone los valores: el servidor los deja como {nombre}.

web-description = Quién de los tuyos está en línea.
web-sign-in-title = Mira quién está
web-sign-up-title = Crea tu cuenta
web-first-name = Nombre
web-last-name = Apellidos
web-email = Correo electrónico
web-password = Contraseña
web-password-hint = Al menos 8 caracteres.
web-sign-in = Iniciar sesión
web-signing-in = Iniciando sesión…
web-sign-up = Crear cuenta
web-signing-up = Creando tu cuenta…
web-to-sign-up = Crear una cuenta
web-to-sign-in = Ya tengo una cuenta
web-sign-out = Cerrar sesión
web-signed-out = Has cerrado la sesión.
web-language = Idioma
web-no-script = Esta página necesita JavaScript. La aplicación Presente, no.

web-people = En línea
web-others-none = No hay nadie más en línea. Quien llegue aparecerá aquí al momento.
web-waiting = Esperando la lista.
web-unnamed = Sin nombre
# Quién está en línea además de ti.
web-count-none = nadie más en línea
web-count-one = 1 persona más en línea
web-count-other = { $count } personas más en línea

web-online = En línea
web-away = Ausente
web-dnd = No molestar
# Tú, cuando estás conectado y no sales en la lista.
web-unseen = Los demás no te ven
web-connecting = Conectando
web-reconnecting = Reconectando
# Se lee antes de lo que el servidor dice a quien se conecta.
web-message-of-the-day = Mensaje del día:

web-lost = Se perdió la conexión con { $server }. Intentando de nuevo.
web-not-yet = No se puede llegar a { $server }. Intentando de nuevo.
web-as-of = La lista es de las { $time }.
web-back = Conectado de nuevo.
web-came-one = { $name } está en línea.
web-came-other = Han llegado { $count } personas.

web-missing-fields = Escribe tu correo y tu contraseña.
web-missing-name = Escribe tu nombre, tu correo y una contraseña.
web-unreachable = No se puede llegar al servidor. Comprueba tu conexión e inténtalo de nuevo.
web-unexpected = El servidor ha respondido algo inesperado (HTTP { $status }). Inténtalo más tarde.
web-session-over = Tu sesión ha terminado. Inicia sesión de nuevo.
web-no-client = Este servidor se construyó sin la biblioteca de Socket.IO con la que se conecta esta página. Usa la aplicación Presente, o avisa a quien lleva el servidor.
