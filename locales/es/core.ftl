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
state-at = { $state } en { $count } de { $total }

row-online-now = En línea · ahora mismo
row-online-for = En línea · { $duration }
row-with-status = { $words } · «{ $status }»
row-offline-now = Desconectado · ahora mismo
row-last-for = En línea por última vez hace { $duration }
row-last-today = En línea por última vez hoy, { $time }
row-last-yesterday = En línea por última vez ayer, { $time }
row-last-weekday-1 = En línea por última vez el lunes, { $time }
row-last-weekday-2 = En línea por última vez el martes, { $time }
row-last-weekday-3 = En línea por última vez el miércoles, { $time }
row-last-weekday-4 = En línea por última vez el jueves, { $time }
row-last-weekday-5 = En línea por última vez el viernes, { $time }
row-last-weekday-6 = En línea por última vez el sábado, { $time }
row-last-weekday-7 = En línea por última vez el domingo, { $time }
row-last-date = En línea por última vez el { $date }
bell-always = Se avisa siempre
bell-never = No se avisa nunca
bell-once = Se avisa una vez
duration-minutes = { $count } min
duration-hours = { $count } h
duration-days = { $count } d

heading-favourites = Favoritos
heading-online = En línea
heading-away = Ausentes
heading-offline = Desconectados
heading-count-of = { $count } de { $total }
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
search-hint = { $count ->
    [one] Buscar entre { $count } persona
   *[other] Buscar entre { $count } personas
}
empty-search = No se encuentra a nadie con «{ $search }».

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
banner-as-of-day = La lista es del { $date }, a las { $time }.
status-retry = Nuevo intento en { $seconds } s.
status-trying = Entrando en { $server }

tray-title = Presente
tray-own-state = { $name }: { $state }
tray-status-line = Mensaje de estado…
tray-snooze = Pausar los avisos una hora
tray-resume = Reanudar los avisos
tray-open = Abrir Presente
tray-quit = Salir

away-how = Cuando nadie ha tocado este equipo durante ese tiempo, o la pantalla está bloqueada, o el equipo duerme.
away-not-told = Este escritorio no dice cuánto hace que nadie toca el equipo. La pantalla bloqueada y el reposo cuentan igualmente.

alert-one = { $name } está en línea
alert-several = { $others ->
    [one] { $name } y { $others } persona más están en línea
   *[other] { $name } y { $others } personas más están en línea
}
alert-here-one = { $name } ya está aquí
alert-here-several = { $others ->
    [one] { $name } y { $others } más ya están aquí
   *[other] { $name } y { $others } más ya están aquí
}
alert-back-one = { $name } está de vuelta
alert-back-several = { $others ->
    [one] { $name } y { $others } más están de vuelta
   *[other] { $name } y { $others } más están de vuelta
}
alert-free-one = { $name } está disponible
alert-free-several = { $others ->
    [one] { $name } y { $others } más están disponibles
   *[other] { $name } y { $others } más están disponibles
}
alert-went-one = { $name } se desconectó
alert-went-several = { $others ->
    [one] { $name } y { $others } más se desconectaron
   *[other] { $name } y { $others } más se desconectaron
}
alert-missed-one = Mientras los avisos callaban: llegó { $name }
alert-missed-several = Mientras los avisos callaban: { $others ->
    [one] llegaron { $name } y { $others } más
   *[other] llegaron { $name } y { $others } más
}
alert-rule-everybody = Como de todos: se avisa cuando se conecta
alert-rule-favourites = Como de los favoritos: se avisa cuando se conecta
alert-rule-only-favourites = Como de todos: no se avisa, solo de los favoritos
alert-rule-nobody = Como de todos: no se avisa
alert-rule-of-group = Como del grupo { $group }: { $rule }
alert-rule-never = Nunca se avisa
alert-rule-once = Se avisa la próxima vez que { $when }
alert-rule-always = Se avisa cada vez que { $when }
alert-rule-more = ; { $more }
alert-rule-sound = con sonido
alert-rule-even-when-quiet = también en horas de silencio
alert-rule-no-notification = sin notificación
alert-rule-command = ejecuta un programa
alert-when-comes = se conecte
alert-when-goes = se desconecte
alert-when-free = vuelva a estar disponible
alert-when-back = esté de vuelta
alert-snoozed-until = Los avisos están en pausa hasta las { $time }
alert-snoozed-until-day = Los avisos están en pausa hasta el { $date }, a las { $time }
alert-log-told = { $what } · avisado
alert-log-quiet-hours = { $what } · sin avisar: horas de silencio
alert-log-snoozed = { $what } · sin avisar: los avisos estaban en pausa
alert-log-dnd = { $what } · sin avisar: no molestar
alert-log-brief = { $what } · sin avisar: solo se había ido un momento
alert-log-lately = { $what } · sin avisar: se te había avisado poco antes
alert-log-never = { $what } · sin avisar: no quieres que se te avise nunca
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
problem-start-not-changed = No se pudo cambiar el inicio con el equipo: { $reason }. Comprueba que puedes escribir en la carpeta «autostart» de tu carpeta de configuración (.config).
problem-link-unknown = Presente no sabe qué pide ese enlace. Los enlaces que añaden un servidor son así: presente://add?server=DIRECCIÓN
problem-command-not-run = No se pudo ejecutar la orden «{ $program }»: { $reason }. Revísala donde fijas cuándo se te avisa.
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

history-size = { $size } en { $path }
history-size-off = No se guarda. Lo anterior, { $size }, está en { $path }
history-exported-title = Historial escrito
history-exported = { $count ->
    [one] { $count } vez que alguien estuvo en línea queda escrita en { $path }.
   *[other] { $count } veces que alguien estuvo en línea quedan escritas en { $path }.
}

timeline-mon = lun
timeline-tue = mar
timeline-wed = mié
timeline-thu = jue
timeline-fri = vie
timeline-sat = sáb
timeline-sun = dom
timeline-weekday-mon = lunes
timeline-weekday-tue = martes
timeline-weekday-wed = miércoles
timeline-weekday-thu = jueves
timeline-weekday-fri = viernes
timeline-weekday-sat = sábado
timeline-weekday-sun = domingo
timeline-month-1 = enero
timeline-month-2 = febrero
timeline-month-3 = marzo
timeline-month-4 = abril
timeline-month-5 = mayo
timeline-month-6 = junio
timeline-month-7 = julio
timeline-month-8 = agosto
timeline-month-9 = septiembre
timeline-month-10 = octubre
timeline-month-11 = noviembre
timeline-month-12 = diciembre
timeline-title = { $weekday } { $day } de { $month }
timeline-segment = { $time } { $state }
timeline-now = ahora
timeline-state-online = en línea
timeline-state-away = ausente
timeline-state-busy = no molestar
timeline-state-offline = desconectado
timeline-state-unknown = no se sabe
timeline-head-time = Hora
timeline-head-state = Estado
timeline-head-day = Día
timeline-head-online = En línea
timeline-head-first = Primera
timeline-head-last = Última
timeline-minutes = { $minutes } min
timeline-hours = { $hours } h { $minutes } min
timeline-empty = No se sabe nada de este tiempo: no se observó.

# Debajo del título que dice «Suele estar»: los días, y las horas.
usual-sentence = { $days }, { $hours }
usual-every-day = todos los días
usual-all-day = a todas horas
usual-hours = { $from }–{ $until } h
usual-and = { $one } y { $other }
usual-share = { $share } %
usual-irregular = Sin horas habituales
usual-never = Ni una vez aquí en las últimas { $weeks } semanas, que se haya visto
usual-head-hour = Hora
usual-empty = Aún se sabe poco. Hace falta medio día de observación por lo menos.

problem-history-not-kept = No se puede guardar quién estuvo en línea cuándo en { $path }: { $reason }. Comprueba que hay espacio y que puedes escribir ahí. Todavía no se ha perdido nada.
problem-history-set-aside = Lo guardado sobre quién estuvo en línea cuándo no se pudo leer y se apartó como { $path }. Desde ahora se guarda de nuevo.
problem-history-not-read = Lo guardado sobre quién estuvo en línea cuándo no se puede leer o cambiar: { $reason }
problem-history-not-exported = El historial no se pudo escribir en { $path }: { $reason }. Comprueba que hay espacio y que puedes escribir ahí.

count-people = { $count ->
    [0] nadie
    [one] 1 persona
   *[other] { $count } personas
}
detail-profile = Habla
detail-people = Personas conocidas
about-what = Presente sabe cuáles de los tuyos están en línea y te avisa en cuanto llega alguien a quien esperas.
about-licence = Software libre, bajo la licencia MIT o la licencia Apache 2.0, como prefieras.
about-privacy = Lo que anotas de los demás y quién estuvo en línea y cuándo no sale de este equipo.
about-desktop = Este escritorio
notification-open = Abrir
notice-updated = Presente se ha actualizado
notice-updated-body = Sal desde el menú del icono de la bandeja y vuelve a abrirla.
fact-desktop = Escritorio
fact-session = Sesión
fact-notifications = Notificaciones
