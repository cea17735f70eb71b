# Las palabras fijas de la ventana. Lo que cambia mientras la aplicación funciona está en otros archivos.

page-title = Presente
page-where = ¿Dónde está tu gente?
page-add-title = Agrega una cuenta
page-join = Crea tu cuenta
page-a-server = Un servidor
page-a-server-detail = Escribe su dirección, lo demás se averigua
page-this-computer = Este equipo
page-this-computer-detail = Inicia uno aquí, sin configurar nada
page-starting-here = Iniciando un servidor en este equipo…

page-server = Servidor
page-server-example = https://escuela.example
page-email = Correo electrónico
page-who = Correo o apodo
page-password = Contraseña
page-first-name = Nombre
page-last-name = Apellido
page-keep = Mantener mi sesión abierta

page-sign-in = Iniciar sesión
page-signing-in = Iniciando sesión…
page-sign-up = Crear cuenta
page-signing-up = Creando tu cuenta…
page-cancel = Cancelar
page-to-sign-up = Crear una cuenta
page-to-sign-in = Ya tengo una cuenta
# Lo que responde ahí es un servidor de presencia, pero de una clase que aún no se conoce.
page-learn = Averiguar cómo habla

# Se lee en voz alta antes del estado del botón, como en «Tu presencia: En línea».
page-presence = Tu presencia:
page-online = En línea
page-appear-offline = Aparecer desconectado
page-sign-out = Cerrar sesión
page-sign-out-all = Cerrar todas las sesiones
page-add-account = Agregar cuenta…

# De una de varias cuentas. La primera se lee en voz alta antes del nombre de su servidor.
page-account-menu = Tu cuenta en
page-online-here = En línea aquí
page-appear-offline-here = Aparecer desconectado aquí
page-sign-out-here = Cerrar sesión aquí

# Se lee en voz alta después de la línea de abajo, que es el botón que los muestra.
page-details = Detalles de la conexión
page-contacts = Contactos
page-dismiss = Descartar

page-messages = Mensajes
page-close-messages = Cerrar los mensajes
# Se lee en voz alta antes de cuántos son.
page-unread = Sin leer:
page-no-messages = Todavía nadie ha dicho nada.
page-message = Mensaje
page-send = Enviar
# Les sigue el nombre de un servidor, o de una persona.
page-to-everybody = A todos en
page-to = Para
page-to-everybody-again = Escribir a todos
page-write-to = Escribir a
page-cannot-write = Por ahora no se puede enviar nada ahí.

page-learn-title = ¿Cómo habla este servidor?
page-learn-intro = Presente todavía no conoce este servidor, pero puede aprender. Escucha lo que envía, y tú dices qué es la lista de personas.
page-learn-list = ¿Cuál de estas es la lista de personas?
page-learn-fields = ¿Qué es qué en cada persona?
page-learn-name = Nombre
page-learn-name-more = Segunda parte del nombre
page-learn-id = Lo que distingue a cada una
page-learn-email = Correo
page-learn-none = Ninguno
# Le sigue cuántas son.
page-learn-preview = Las personas, tal como se leerían:
page-learn-nobody = Así no se puede leer a nadie. Elige otra cosa arriba.
page-learn-heard = Lo que ha dicho el servidor
page-learn-silence = Todavía nada.
page-learn-profile = Recordarlo como
page-learn-save = Guardar

# La lista: estados, búsqueda, orden.
page-away = Ausente
page-dnd = No molestar
page-away-here = Ausente aquí
page-dnd-here = No molestar aquí
page-status-line = Tu línea para los demás
page-status-example = Vuelvo a las 15:00
page-tells-less = En este servidor los demás solo ven que estás en línea.
page-snooze = Pausar los avisos 1 hora
page-resume = Reanudar los avisos
page-resume-short = Reanudar
page-snooze-short = Pausar 1 hora
page-open-settings = Ajustes…
page-open-about = Acerca de Presente…
page-search-clear = Borrar la búsqueda
page-sort = Ordenar
page-sort-name = Por nombre
page-sort-state = Primero quien está disponible
page-sort-recent = Primero quien llegó o se fue hace menos
page-favourite = Favorito
page-no-favourite = Ya no es favorito

# La página de un contacto.
page-back = Volver a la lista
page-when = Cuándo ha estado
page-today = Hoy
page-week = Semana
page-usual = Suele estar
page-as-table = Ver como tabla
page-nothing-known = no se sabe nada
page-legend-online = en línea
page-legend-away = ausente
page-legend-busy = no molestar
page-legend-unknown = no se sabe
page-history-off = El historial está desactivado. Puedes activarlo en los ajustes.
page-alerts = Avisos
# Un nombre ocupa el lugar de los puntos suspensivos.
page-tell-me = Avísame cuando … esté aquí
page-often-always = Siempre
page-often-default = Como con todos
page-often-never = Nunca
page-often-once = Una vez
page-finer = Detalles
page-when-legend = Avisarme cuando alguien
page-when-comes = se conecta
page-when-goes = se desconecta
page-when-becomes_free = vuelve a estar disponible
page-when-is_back = regresa tras estar ausente
page-notification = Mostrar una notificación
page-sound = Sonido
page-even-quiet = También en horas de silencio
page-command = Ejecutar un programa
page-command-soft = Se ejecuta en tu equipo, sin intérprete de órdenes. Un argumento por línea; primero el programa.
page-noted = Tus notas
page-alias = Nombre que le das
page-group = Grupo
page-group-none = Ninguno
page-note = Nota
page-noted-here = Solo en este equipo. Ningún servidor se entera.
page-history = Historial
page-keep-history = Guardar cuándo ha estado
page-export-csv = Exportar CSV
page-export-json = Exportar JSON
page-forget = Olvidar…
page-forget-question = ¿Olvidar cuándo ha estado? No se puede deshacer.
page-forget-yes = Olvidar

# Los ajustes.
page-settings = Ajustes
page-tell-of = Avisarme de
page-tell-of-everybody = Todos
page-tell-of-favourites = Favoritos
page-tell-of-nobody = Nadie
page-summary = Después, contarme lo que me perdí
page-not-snoozed = Los avisos no están en pausa.
page-absence = Ausencia mínima
page-hold = Dar por desconectado tras
page-cool-down = La misma persona, de nuevo tras
page-allow-commands = Los avisos pueden ejecutar programas
page-allow-commands-soft = Cuáles se indican en la página de cada persona.
page-quiet = Horas de silencio
page-quiet-soft = Entonces no hay avisos, salvo los que pueden llegar de todos modos. Los días son aquellos en que empiezan las horas.
page-quiet-add = Agregar horas de silencio
page-quiet-remove = Quitar estas horas de silencio
page-quiet-removed = Horas de silencio quitadas
page-quiet-on = Activas
page-from = Desde
page-until = Hasta
page-groups = Grupos
page-groups-none = Todavía no hay grupos. Se crean en las páginas de tus contactos.
page-yourself = Tú
page-auto-away = Pasar a ausente tras
page-never = Nunca
page-at-once = De inmediato
page-seconds = s
page-minutes = min
page-hours = h
page-days = días
page-history-enabled = Guardar quién estuvo en línea y cuándo
page-keep-days = Durante
page-history-off-question = A partir de ahora no se guarda nada más. ¿Olvidar también lo que hay?
page-history-off-keep = Dejarlo
page-forget-all = Olvidar todo…
page-forget-all-question = ¿Olvidar quién estuvo en línea y cuándo, de todas las personas? No se puede deshacer.
page-app = La aplicación
page-language = Idioma
page-language-system = El del sistema
page-language-en = English
page-language-es = Español
page-theme = Colores
page-theme-system = Los del sistema
page-theme-light = Claros
page-theme-dark = Oscuros
page-start-at-login = Iniciar con el equipo

# Acerca de la aplicación.
page-about = Acerca de Presente
page-copy = Copiar
page-copied = Copiado. No nombra a nadie ni contiene contraseñas.
page-not-copied = No se pudo copiar.
page-errors = Lo que falló últimamente
page-no-errors = Nada.
page-alert-log = Avisos, dados y no dados
page-no-alerts = Todavía ninguno.
