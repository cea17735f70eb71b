# The words of the server's web page. The page itself fills in the values: the server leaves them as {name}.

web-description = Who of your people is online.
web-sign-in-title = See who is here
web-sign-up-title = Create your account
web-first-name = First name
web-last-name = Last name
web-email = E-mail
web-password = Password
web-password-hint = At least 8 characters.
web-sign-in = Sign in
web-signing-in = Signing in…
web-sign-up = Create account
web-signing-up = Creating your account…
web-to-sign-up = Create an account
web-to-sign-in = I already have an account
web-sign-out = Sign out
web-signed-out = You have signed out.
web-language = Language
web-no-script = This page needs JavaScript. The Presente app does not.

web-people = Online
web-others-none = Nobody else is online. Whoever comes shows up here at once.
web-waiting = Waiting for the list.
web-unnamed = No name
# Who is online besides you.
web-count-none = nobody else online
web-count-one = 1 other online
web-count-other = { $count } others online

web-online = Online
web-away = Away
web-dnd = Do not disturb
# You, when you are connected and not in the list.
web-unseen = The others do not see you
web-connecting = Connecting
web-reconnecting = Reconnecting
# Read out before what the server says to everybody who connects.
web-message-of-the-day = Message of the day:

web-lost = No connection to { $server }. Trying again.
web-not-yet = { $server } cannot be reached. Trying again.
web-as-of = The list is as of { $time }.
web-back = Connected again.
web-came-one = { $name } is online.
web-came-other = { $count } people have come online.

web-missing-fields = Enter your e-mail and your password.
web-missing-name = Enter your first name, your e-mail and a password.
web-unreachable = The server cannot be reached. Check your connection and try again.
web-unexpected = The server has answered something unexpected (HTTP { $status }). Try again later.
web-session-over = Your session is over. Sign in again.
web-no-client = This server was built without the Socket.IO library that this page connects with. Use the Presente app, or tell whoever runs the server.
