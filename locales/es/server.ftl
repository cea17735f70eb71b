# Lo que dice el servidor: en sus respuestas, a los sockets, por correo. Un mensaje por cada `Phrase` de
# crates/presente-server/src/messages.rs; su id es el nombre de la frase en minúsculas.

account-created = Tu cuenta está creada. Ya puedes iniciar sesión.
signed-in = Has iniciado sesión.
wrong-credentials = El correo o la contraseña no son correctos.
email-taken = Ya existe una cuenta con ese correo. Inicia sesión con ella o usa otro correo.
bad-name = Escribe un nombre de 1 a 128 caracteres y un apellido de 128 como máximo.
bad-email = Escribe una dirección de correo válida, como nombre@dominio.com.
bad-password = La contraseña debe tener entre 8 y 1024 bytes.
incomplete-request = La petición está incompleta o no es JSON válido.
request-too-large = La petición es demasiado grande.
request-too-slow = La petición ha tardado demasiado en llegar.
not-your-session = Solo puedes cerrar tu propia sesión.
sign-in-again = Tu sesión ha caducado o no es válida. Inicia sesión de nuevo.
token-missing = Hace falta iniciar sesión: la petición no lleva token.
busy = El servidor está ocupado. Inténtalo de nuevo en unos segundos.
too-many-requests = Llegan demasiadas peticiones desde tu dirección. Inténtalo de nuevo dentro de un minuto.
too-many-sign-ups = Se han creado demasiadas cuentas desde tu dirección. Inténtalo de nuevo dentro de un minuto.
too-many-sign-ins = Ha habido demasiados inicios de sesión desde tu dirección. Inténtalo de nuevo dentro de un minuto.
too-many-sockets = Hay demasiadas conexiones abiertas desde tu dirección. Cierra alguna o inténtalo más tarde.
too-many-events = Estás enviando demasiado a la vez. Espera un minuto e inténtalo de nuevo.
too-many-announcements = Hay demasiados mensajes a la vez. Espera un minuto y vuelve a enviar el tuyo.
failure = El servidor no ha podido completar la petición. Inténtalo más tarde.
not-found = Aquí no hay nada.
unknown-code = Este enlace de verificación no es válido.
account-created-verify = Tu cuenta está creada. Abre el enlace del correo que te enviamos y después inicia sesión.
account-disabled = Esta cuenta está desactivada. Habla con quien administra el servidor.
verify-first = Tu correo aún no está verificado. Abre el enlace del correo que te hemos enviado y después inicia sesión.
wait-before-sign-in = Ha habido demasiadas contraseñas incorrectas. Espera un momento e inténtalo de nuevo.
verify-subject = Tu cuenta en Presente
verify-letter =
    Hola, { $name }:

    Con este enlace confirmas que es tuya la cuenta de Presente con este correo:

    { $link }

    Si no has creado ninguna, no tienes que hacer nada.
greeting = ¡Hola! Estás en contacto con el servidor de Presente.
server-name = Servidor
message-too-large = El mensaje es demasiado largo.
message-unreadable = El mensaje no se entiende: envía un texto o un objeto.
message-not-allowed = Inicia sesión para enviar mensajes.
bad-presence = Ese estado no existe: elige online, away, dnd o invisible, y un texto de 128 caracteres como máximo.
bad-view = Esto no se puede mostrar. Donde el servidor lo ofrece, pide como máximo 100 filas, 200 personas y 64 caracteres, y espera cada respuesta.
somebody-unnamed = Anónimo
no-client-library = Este servidor se construyó sin la biblioteca de Socket.IO para páginas web. Quien lo construye necesita npm, o una copia de socket.io-client.
