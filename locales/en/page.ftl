# The fixed words of the window. What changes while the app runs is in other files.

page-title = Presente
page-where = Where are your people?
page-join = Create your account
page-a-server = A server
page-a-server-detail = Type its address and sign in
page-this-computer = This computer
page-this-computer-detail = Start one here, nothing to set up
page-starting-here = Starting a server on this computer…

page-server = Server
page-server-example = https://school.example
page-email = E-mail
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

# Read out before the state on the button, as in "Your presence: Online".
page-presence = Your presence:
page-online = Online
page-appear-offline = Appear offline
page-sign-out = Sign out

# Read out after the line at the bottom, which is the button that shows them.
page-details = Connection details
page-contacts = Contacts
page-dismiss = Dismiss
