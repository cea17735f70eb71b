# Las palabras fijas de la ventana. Lo que cambia mientras la aplicación funciona está en otros archivos.

page-title = Presente
page-where = ¿Dónde está tu gente?
page-add-title = Agrega una cuenta
page-join = Crea tu cuenta
page-a-server = Un servidor
page-a-server-detail = Escribe su dirección, lo demás se averigua
page-this-computer = Esta computadora
page-this-computer-detail = Inicia uno aquí, sin configurar nada
page-starting-here = Iniciando un servidor en esta computadora…

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
