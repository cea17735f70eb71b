# Las palabras fijas de la ventana. Lo que cambia mientras la aplicación funciona está en otros archivos.

page-title = Presente
page-where = ¿Dónde está tu gente?
page-join = Crea tu cuenta
page-a-server = Un servidor
page-a-server-detail = Escribe su dirección y entra
page-this-computer = Esta computadora
page-this-computer-detail = Inicia uno aquí, sin configurar nada
page-starting-here = Iniciando un servidor en esta computadora…

page-server = Servidor
page-server-example = https://escuela.example
page-email = Correo electrónico
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

# Se lee en voz alta antes del estado del botón, como en «Tu presencia: En línea».
page-presence = Tu presencia:
page-online = En línea
page-appear-offline = Aparecer sin conexión
page-sign-out = Cerrar sesión

# Se lee en voz alta después de la línea de abajo, que es el botón que los muestra.
page-details = Detalles de la conexión
page-contacts = Contactos
page-dismiss = Descartar
