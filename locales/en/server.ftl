# What the server says by itself: in answers, to sockets, in mail. One message for each `Phrase` in
# crates/presente-server/src/messages.rs; its id is the name of the phrase in lower case.

account-created = Your account is ready. You can sign in now.
signed-in = You are signed in.
wrong-credentials = The e-mail or the password is not right.
email-taken = There is already an account with this e-mail. Sign in to it or use another one.
bad-name = Enter a first name of 1 to 128 characters and a last name of at most 128.
bad-email = Enter a valid e-mail address, such as name@domain.com.
bad-password = The password must have between 8 and 1024 bytes.
incomplete-request = The request is incomplete or not valid JSON.
request-too-large = The request is too large.
request-too-slow = The request took too long to arrive.
not-your-session = You can only sign out yourself.
sign-in-again = Your session has expired or is not valid. Sign in again.
token-missing = You need to sign in: the request carries no token.
busy = The server is busy. Try again in a few seconds.
too-many-requests = Too many requests come from your address. Try again in a minute.
too-many-sign-ups = Too many accounts were created from your address. Try again in a minute.
too-many-sign-ins = There were too many sign-ins from your address. Try again in a minute.
too-many-sockets = Too many connections are open from your address. Close some, or try again later.
too-many-events = You are sending too much at once. Wait a minute and try again.
too-many-announcements = There are too many messages at once. Wait a minute and send yours again.
failure = The server could not complete the request. Try again later.
not-found = There is nothing here.
unknown-code = This verification link is not valid.
account-created-verify = Your account is ready. Open the link in the e-mail that we are sending you, then sign in.
account-disabled = This account is disabled. Ask those who run the server.
verify-first = Your e-mail address is not verified yet. Open the link in the e-mail that we have sent you, then sign in.
wait-before-sign-in = There were too many wrong passwords. Wait a moment and try again.
verify-subject = Your account at Presente
verify-letter =
    Hello { $name },

    this link shows that the account at Presente with this e-mail address is yours:

    { $link }

    If you have not created one, you need not do anything.
greeting = Hello! You are in touch with the server of Presente.
server-name = Server
message-too-large = The message is too long.
message-unreadable = The message cannot be read: send a text or an object.
message-not-allowed = Sign in to send messages.
bad-presence = That is no way to be seen: choose online, away, dnd or invisible, and a status line of at most 128 characters.
bad-view = This cannot be shown. Where the server offers it, ask for at most 100 rows, 200 people and 64 characters, and wait for each answer.
somebody-unnamed = Anonymous
no-client-library = This server was built without the Socket.IO library for web pages. Whoever builds it needs npm, or a copy of socket.io-client.
