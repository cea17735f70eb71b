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

# The roster: states, search, order.
page-away = Away
page-dnd = Do not disturb
page-away-here = Away here
page-dnd-here = Do not disturb here
page-status-line = Your line for others
page-status-example = Back at 15:00
page-tells-less = Others on this server see only that you are online.
page-snooze = Pause alerts for 1 hour
page-resume = Resume alerts
page-resume-short = Resume
page-snooze-short = Pause for 1 hour
page-open-settings = Settings…
page-open-about = About Presente…
page-search-clear = Clear the search
page-sort = Sort
page-sort-name = By name
page-sort-state = Who can be reached first
page-sort-recent = Who came or left last first
page-favourite = Favourite
page-no-favourite = No longer a favourite

# The page of a contact.
page-back = Back to the list
page-when = When they were here
page-today = Today
page-week = Week
page-usual = Usually here
page-as-table = Show as table
page-nothing-known = nothing known
page-legend-online = online
page-legend-away = away
page-legend-busy = do not disturb
page-legend-unknown = not known
page-history-off = History is off. It can be turned on in the settings.
page-alerts = Alerts
# A name takes the place of the three dots.
page-tell-me = Tell me when … is here
page-often-always = Always
page-often-default = As for everybody
page-often-never = Never
page-often-once = Once
page-finer = Details
page-when-legend = Tell me when somebody
page-when-comes = comes online
page-when-goes = goes offline
page-when-becomes_free = can be reached again
page-when-is_back = is back from being away
page-notification = Show a notification
page-sound = Sound
page-even-quiet = Also in quiet hours
page-command = Run a program
page-command-soft = It runs on your computer, without a shell. One argument a line, the program first.
page-noted = Your notes
page-alias = Your name for them
page-group = Group
page-group-none = None
page-note = Note
page-noted-here = Only on this computer. No server hears of it.
page-history = History
page-keep-history = Keep when they were here
page-export-csv = Export as CSV
page-export-json = Export as JSON
page-forget = Forget…
page-forget-question = Forget when they were here? This cannot be undone.
page-forget-yes = Forget

# The settings.
page-settings = Settings
page-tell-of = Tell me of
page-tell-of-everybody = Everybody
page-tell-of-favourites = Favourites
page-tell-of-nobody = Nobody
page-summary = Afterwards, tell me what I missed
page-not-snoozed = Alerts are not paused.
page-absence = Gone for at least
page-hold = Count as gone after
page-cool-down = Same person again after
page-allow-commands = Alerts may run programs
page-allow-commands-soft = Each person's page says which.
page-quiet = Quiet hours
page-quiet-soft = No alerts then, but for those that may come all the same. The days are those on which the hours begin.
page-quiet-add = Add quiet hours
page-quiet-remove = Remove these quiet hours
page-quiet-removed = Quiet hours removed
page-quiet-on = On
page-from = From
page-until = Until
page-groups = Groups
page-groups-none = Nobody is in a group yet. Groups are made on the pages of your contacts.
page-yourself = You
page-auto-away = Count me as away after
page-never = Never
page-at-once = At once
page-seconds = s
page-minutes = min
page-hours = h
page-days = days
page-history-enabled = Keep who was online when
page-keep-days = For
page-history-off-question = Nothing more is kept from now on. Forget what is there, too?
page-history-off-keep = Leave it
page-forget-all = Forget everything…
page-forget-all-question = Forget who was online when, of everybody? This cannot be undone.
page-app = The app
page-language = Language
page-language-system = As the system
page-language-en = English
page-language-es = Español
page-theme = Colours
page-theme-system = As the system
page-theme-light = Light
page-theme-dark = Dark
page-start-at-login = Start with the computer

# About the app.
page-about = About Presente
page-copy = Copy
page-copied = Copied. It names no person and holds no password.
page-not-copied = It could not be copied.
page-errors = What went wrong lately
page-no-errors = Nothing.
page-alert-log = Alerts, told and not told
page-no-alerts = None yet.
