# Frases que hace el núcleo: estados, avisos, la bandeja y lo que salió mal.

state-online = En línea
state-offline = Desconectado
state-away = Ausente
state-dnd = No molestar
state-appear-offline = Aparecer desconectado
state-appearing-offline = Apareces desconectado
state-connecting = Conectando
state-reconnecting = Reconectando
state-going-online = Pasando a en línea
state-going-offline = Pasando a desconectado
state-not-signed-in = Sin sesión
state-online-at = En línea en { $count } de { $total }

row-online-now = En línea · ahora mismo
row-online-for = En línea · { $duration }
row-with-status = { $words } · { $status }
row-offline-now = Desconectado · ahora mismo
row-offline-for = Desconectado · en línea hace { $duration }
duration-minutes = { $count } min
duration-hours = { $count } h
duration-days = { $count } d

heading-online = En línea
heading-offline = Desconectados
count-online = { $count ->
    [0] nadie en línea
   *[other] { $count } en línea
}
count-accounts = { $count ->
    [one] { $count } cuenta
   *[other] { $count } cuentas
}
footer = { $server } · { $state }
footer-not-connected = sin conexión
empty-online = Todavía no hay nadie más en línea. Te avisaremos en cuanto llegue alguien.
empty-waiting = Esperando la lista.

detail-state = Conexión
detail-connected = Conectado
detail-connecting = Conectando
detail-waiting = A la espera de otro intento
detail-not-connected = Sin conexión
detail-since = Desde
detail-transport = Viaja por
detail-websocket = WebSocket
detail-polling = Peticiones HTTP (long-polling)
detail-round-trip = Responde en
detail-milliseconds = { $count } ms
detail-attempts = Intentos hasta ahora
detail-attempts-taken = Intentos que hicieron falta
# Lo que sigue es técnico y está en inglés.
detail-reason = Último problema

banner-retry = { $problem } Nuevo intento en { $seconds } s.
banner-trying = { $problem } Intentando de nuevo.
banner-as-of = La lista es de las { $time }.
status-retry = Nuevo intento en { $seconds } s.
status-trying = Entrando en { $server }

tray-title = Presente
tray-own-state = { $name }: { $state }
tray-open = Abrir Presente
tray-quit = Salir

alert-one = { $name } está en línea
alert-several = { $others ->
    [one] { $name } y { $others } persona más están en línea
   *[other] { $name } y { $others } personas más están en línea
}
message-from = { $name } dice
message-anonymous = Anuncio
message-private = { $name } te dice
message-joined = { $name } se ha registrado
message-to = Tú a { $name }
message-to-all = Tú a todos en { $server }
delivery-sending = en camino
delivery-delivered = entregado
delivery-sent = enviado
delivery-unconfirmed = enviado, pero el servidor no lo ha confirmado
delivery-failed = no enviado
notice-close-to-tray = Presente sigue en la bandeja
notice-close-to-tray-body = Te seguirá avisando de quién llega. Para salir, usa el menú de su icono.
demo-hint = Demostración: la contraseña es { $password }
plain-http = Enviar mi contraseña a { $server } sin cifrar. Cualquiera en el camino puede leerla.

problem-invalid-address = «{ $input }» no es la dirección de un servidor. Escríbela como escuela.example o http://localhost:4000.
problem-missing-field = Escribe el servidor, tu correo y tu contraseña.
problem-unencrypted = { $server } no cifra: cualquiera en el camino podría leer tu contraseña. Usa una dirección https, o di abajo que lo aceptas.
problem-unreachable = Nada responde en { $server }. Revisa la dirección, tu red y que el servidor esté en marcha.
problem-timeout = { $server } no responde a tiempo. Puede estar ocupado, o la dirección puede estar mal.
problem-untrusted = El certificado de { $server } no es de confianza, así que no se envió nada. Pregunta a quien lleva el servidor.
problem-not-compatible = Lo que responde en { $server } no es un servidor de presencia: envió otra cosa, quizá una página web. Revisa la dirección.
problem-redirected = { $server } nos envía a { $to }. Si confías en esa dirección, escríbela en su lugar.
problem-server-failed = { $server } informa de un fallo propio (HTTP { $status }). Inténtalo más tarde o avisa a quien lo lleva.
problem-refused = { $message }
problem-connection-lost = Se perdió la conexión con { $server }.
problem-no-roster = { $server } no envía su lista de personas. Comprueba que es un servidor de presencia, o avisa a quien lo lleva.
problem-malformed-roster = { $server } envió una lista que no se puede leer. Queda la última buena.
problem-list-behind = La lista de { $server } no está al día, y ahora mismo no se puede obtener lo que falta. Se sigue intentando.
problem-online-needed = { $server } solo muestra su lista a quien está en línea. Pasa a en línea para ver quién está.
problem-no-keyring = No hay un llavero donde guardar tu contraseña, así que queda en memoria hasta que salgas. Inicia GNOME Keyring o KWallet y abre Presente de nuevo para seguir con la sesión abierta.
problem-settings-set-aside = No se pudieron leer los ajustes y se apartaron como { $path }. Presente empieza con unos nuevos.
problem-settings-not-saved = No se pudieron guardar los ajustes en { $path }: { $reason }. Comprueba que hay espacio y que puedes escribir ahí.
problem-local-server = El servidor de este equipo no arranca: { $reason }
problem-no-notifications = No hay un servicio de notificaciones en marcha, así que las llegadas se ven solo en la ventana y en la bandeja.
problem-no-tray = Este escritorio no tiene bandeja, así que al cerrar la ventana se sale de Presente.
problem-no-display = No hay pantalla donde abrir una ventana. Inicia Presente en una sesión de escritorio, o usa presente-cli en una terminal.
problem-signed-in-already = Ya has iniciado sesión en { $server } con esta cuenta.
problem-old-engine = { $server } habla Socket.IO 2, demasiado antiguo para Presente. Pide a quien lo lleva que use socket.io 3 o posterior.
problem-unknown-dialect = { $server } habla Socket.IO, pero de una manera que Presente todavía no conoce. Puede averiguarla escuchando.
problem-credentials-needed = { $server } solo deja entrar a quien tiene cuenta. Escribe tu correo y tu contraseña.
problem-profile-not-saved = No se pudo guardar el perfil: { $reason }
problem-profile-left-out = Se deja fuera uno de tus perfiles: { $what }
detect-handshake = Viendo qué habla { $server }
detect-listening = Escuchando a { $server }
detect-asking = Preguntando a { $server } quién está
detect-signing-in = Iniciando sesión en { $server }
detect-signed-in = Sesión iniciada en { $server }
detect-showing-token = Abriendo la conexión con { $server }

learn-listening = { $count ->
    [0] Escuchando. Todavía no ha llegado nada; ayuda que alguien más se conecte ahora.
   *[other] Escuchando. { $count } mensajes hasta ahora, y ninguno es una lista de personas.
}
learn-choosing = { $count ->
    [one] { $count } mensaje hasta ahora. ¿Es esta la lista de personas?
   *[other] { $count } mensajes hasta ahora. ¿Es esta la lista de personas?
}
learn-failed = No se puede escuchar al servidor: { $reason }
learn-proposal = «{ $event }»
learn-proposal-in = «{ $event }», en { $list }
learn-reason-rows = { $count ->
    [one] Hay { $count } persona.
   *[other] Hay { $count } personas.
}
learn-reason-sounds-like-people = «{ $what }» suena a personas.
learn-reason-sounds-like-things = Pero «{ $what }» suena a otra cosa.
learn-reason-bare-names = Son nombres sueltos, como «{ $what }».
learn-reason-bare-numbers = Pero son números sueltos.
learn-reason-identity = «{ $what }» es distinto en cada una.
learn-reason-name = «{ $what }» parece un nombre, como «{ $example }».
learn-reason-no-name = Pero nada parece un nombre.
learn-reason-email = «{ $what }» es un correo electrónico.
learn-reason-online = «{ $what }» dice quién está en línea.
learn-reason-looks-like-messages = Pero «{ $what }» parece de mensajes.
learn-reason-repeated = Llegó { $count } veces.
learn-reason-answered = Llegó al preguntar «{ $what }».
learn-reason-tells-who-came = «{ $what }» dice quién llegó.
learn-reason-tells-who-went = «{ $what }» dice quién se fue.
delivery-not-offered = no enviado: este servidor no tiene mensajes así, según su perfil
problem-no-sign-in = { $server } responde, pero no tiene esa manera de iniciar sesión (HTTP 404). Quizá hable otro dialecto; revisa la dirección o el perfil.
