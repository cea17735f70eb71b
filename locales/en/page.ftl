# The fixed words of the window. What changes while the app runs is in other files.

page-title = Presente
page-where = Where are your people?
page-add-title = Add an account
page-join = Create your account
page-a-server = A server
page-a-server-detail = Type its address, Presente finds out the rest
page-this-computer = This computer
page-this-computer-detail = Start one here, nothing to set up
page-starting-here = Starting a server on this computer…

page-server = Server
page-server-example = https://school.example
page-email = E-mail
page-who = E-mail or nickname
page-password = Password
page-first-name = First name
page-last-name = Last name
page-keep = Keep me signed in

page-sign-in = Sign in
page-signing-in = Signing in…
page-sign-up = Create account
page-signing-up = Creating your account…
page-cancel = Cancel
page-to-sign-up = Create an account
page-to-sign-in = I already have an account
# What answers there is a presence server, but of a kind that is not known yet.
page-learn = Find out how it speaks

# Read out before the state on the button, as in "Your presence: Online".
page-presence = Your presence:
page-online = Online
page-appear-offline = Appear offline
page-sign-out = Sign out
page-sign-out-all = Sign out everywhere
page-add-account = Add account…

# Of one of several accounts. The first is read out before the name of its server.
page-account-menu = Your account at
page-online-here = Online here
page-appear-offline-here = Appear offline here
page-sign-out-here = Sign out here

# Read out after the line at the bottom, which is the button that shows them.
page-details = Connection details
page-contacts = Contacts
page-dismiss = Dismiss

page-messages = Messages
page-close-messages = Close the messages
# Read out before how many there are.
page-unread = Unread:
page-no-messages = Nothing has been said yet.
page-message = Message
page-send = Send
# Followed by the name of a server, or of a person.
page-to-everybody = To everybody at
page-to = To
page-to-everybody-again = Write to everybody
page-write-to = Write to
page-cannot-write = Nothing can be sent there at the moment.

page-learn-title = How does this server speak?
page-learn-intro = Presente does not know this server yet, but it can learn. It listens, and you say what of that is the list of people.
page-learn-list = Which of these is the list of people?
page-learn-fields = What is what about a person?
page-learn-name = Name
page-learn-name-more = Second part of the name
page-learn-id = What tells people apart
page-learn-email = E-mail
page-learn-none = None
# Followed by how many there are.
page-learn-preview = The people, as they would be read:
page-learn-nobody = Nobody can be read in this way. Choose something else above.
page-learn-heard = What the server has said
page-learn-silence = Nothing yet.
page-learn-profile = Remember it as
page-learn-save = Save
