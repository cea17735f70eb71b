# Sentences that the core makes: states, alerts, the tray and what went wrong.

state-online = Online
state-offline = Offline
state-away = Away
state-dnd = Do not disturb
state-appear-offline = Appear offline
state-appearing-offline = Appearing offline
state-connecting = Connecting
state-reconnecting = Reconnecting
state-going-online = Going online
state-going-offline = Going offline
state-not-signed-in = Not signed in
state-at = { $state } at { $count } of { $total }

row-online-now = Online · just now
row-online-for = Online · { $duration }
row-with-status = { $words } · “{ $status }”
row-offline-now = Offline · just now
row-last-for = Last online { $duration } ago
row-last-today = Last online today, { $time }
row-last-yesterday = Last online yesterday, { $time }
row-last-weekday-1 = Last online Monday, { $time }
row-last-weekday-2 = Last online Tuesday, { $time }
row-last-weekday-3 = Last online Wednesday, { $time }
row-last-weekday-4 = Last online Thursday, { $time }
row-last-weekday-5 = Last online Friday, { $time }
row-last-weekday-6 = Last online Saturday, { $time }
row-last-weekday-7 = Last online Sunday, { $time }
row-last-date = Last online on { $date }
bell-always = Always told of
bell-never = Never told of
bell-once = Told of once
duration-minutes = { $count } min
duration-hours = { $count } h
duration-days = { $count } d

heading-favourites = Favourites
heading-online = Online
heading-away = Away
heading-offline = Offline
heading-count-of = { $count } of { $total }
count-online = { $count ->
    [0] nobody online
   *[other] { $count } online
}
count-accounts = { $count ->
    [one] { $count } account
   *[other] { $count } accounts
}
footer = { $server } · { $state }
footer-not-connected = not connected
empty-online = Nobody else is online yet. You will be told the moment somebody comes.
empty-waiting = Waiting for the list.
search-hint = { $count ->
    [one] Search { $count } person
   *[other] Search { $count } people
}
empty-search = Nobody is found by “{ $search }”.

detail-state = Connection
detail-connected = Connected
detail-connecting = Connecting
detail-waiting = Waiting to try again
detail-not-connected = Not connected
detail-since = Since
detail-transport = Travels by
detail-websocket = WebSocket
detail-polling = HTTP requests (long-polling)
detail-round-trip = Answer within
detail-milliseconds = { $count } ms
detail-attempts = Attempts so far
detail-attempts-taken = Attempts it took
# What follows is technical and in English.
detail-reason = Last trouble

banner-retry = { $problem } Trying again in { $seconds } s.
banner-trying = { $problem } Trying again now.
banner-as-of = The list is as of { $time }.
banner-as-of-day = The list is as of { $date }, { $time }.
status-retry = Trying again in { $seconds } s.
status-trying = Signing in at { $server }

tray-title = Presente
tray-own-state = { $name }: { $state }
tray-status-line = Status line…
tray-snooze = Pause alerts for an hour
tray-resume = Resume alerts
tray-open = Open Presente
tray-quit = Quit

away-how = When nobody has touched this computer for that long, or its screen is locked, or it sleeps.
away-not-told = This desktop does not tell how long nobody has touched the computer. A locked screen and sleep count all the same.

alert-one = { $name } is online
alert-several = { $others ->
    [one] { $name } and { $others } other are online
   *[other] { $name } and { $others } others are online
}
alert-here-one = { $name } is here already
alert-here-several = { $others ->
    [one] { $name } and { $others } other are here already
   *[other] { $name } and { $others } others are here already
}
alert-back-one = { $name } is back
alert-back-several = { $others ->
    [one] { $name } and { $others } other are back
   *[other] { $name } and { $others } others are back
}
alert-free-one = { $name } is free
alert-free-several = { $others ->
    [one] { $name } and { $others } other are free
   *[other] { $name } and { $others } others are free
}
alert-went-one = { $name } went offline
alert-went-several = { $others ->
    [one] { $name } and { $others } other went offline
   *[other] { $name } and { $others } others went offline
}
alert-missed-one = While alerts were quiet: { $name } came
alert-missed-several = While alerts were quiet: { $others ->
    [one] { $name } and { $others } other came
   *[other] { $name } and { $others } others came
}
alert-rule-everybody = As for everybody: told when they come online
alert-rule-favourites = As for favourites: told when they come online
alert-rule-only-favourites = As for everybody: not told, only of favourites
alert-rule-nobody = As for everybody: not told
alert-rule-of-group = As for the group { $group }: { $rule }
alert-rule-never = Never told
alert-rule-once = Told the next time they { $when }
alert-rule-always = Told each time they { $when }
alert-rule-more = ; { $more }
alert-rule-sound = with a sound
alert-rule-even-when-quiet = also in quiet hours
alert-rule-no-notification = without a notification
alert-rule-command = runs a program
alert-when-comes = come online
alert-when-goes = go offline
alert-when-free = can be reached again
alert-when-back = are back
alert-snoozed-until = Alerts are paused until { $time }
alert-snoozed-until-day = Alerts are paused until { $date }, { $time }
alert-log-told = { $what } · told
alert-log-quiet-hours = { $what } · not told: quiet hours
alert-log-snoozed = { $what } · not told: alerts were paused
alert-log-dnd = { $what } · not told: do not disturb
alert-log-brief = { $what } · not told: had been gone only briefly
alert-log-lately = { $what } · not told: you had been told shortly before
alert-log-never = { $what } · not told: you never want to be told
message-from = { $name } says
message-anonymous = Announcement
message-private = { $name } says to you
message-joined = { $name } has joined
message-to = You to { $name }
message-to-all = You to everybody at { $server }
delivery-sending = on its way
delivery-delivered = delivered
delivery-sent = sent
delivery-unconfirmed = sent, but the server has not confirmed it
delivery-failed = not sent
notice-close-to-tray = Presente goes on in the tray
notice-close-to-tray-body = It still tells you who comes online. Quit from the tray icon's menu.
demo-hint = Demo: the password is { $password }
plain-http = Send my password to { $server } without encryption. Anyone on the way can read it.

problem-invalid-address = “{ $input }” is not the address of a server. Type it as in escuela.example or http://localhost:4000.
problem-missing-field = Fill in the server, your e-mail and your password.
problem-unencrypted = { $server } does not encrypt: anyone on the way could read your password. Use an https address, or say below that you accept it.
problem-unreachable = Nothing answers at { $server }. Check the address, your network, and whether the server is running.
problem-timeout = { $server } does not answer in time. It may be busy, or the address may be wrong.
problem-untrusted = The certificate of { $server } cannot be trusted, so nothing was sent. Ask who runs the server.
problem-not-compatible = What answers at { $server } is not a presence server: it sent something else, perhaps a web page. Check the address.
problem-redirected = { $server } sends us on to { $to }. If you trust that address, enter it instead.
problem-server-failed = { $server } reports a failure of its own (HTTP { $status }). Try again later, or tell who runs it.
problem-refused = { $message }
problem-connection-lost = The connection to { $server } was lost.
problem-no-roster = { $server } does not send its list of people. Check that it is a presence server, or tell who runs it.
problem-malformed-roster = { $server } sent a list that cannot be read. The last good one stays.
problem-list-behind = The list of { $server } is not up to date, and what is missing cannot be had just now. Trying again.
problem-online-needed = { $server } shows its list only to people who are online. Go online to see who is there.
problem-no-keyring = There is no keyring to keep your password in, so it stays in memory until you quit. Start GNOME Keyring or KWallet, then start Presente again to stay signed in.
problem-settings-set-aside = The settings could not be read and were set aside as { $path }. Presente starts with new ones.
problem-settings-not-saved = The settings could not be saved to { $path }: { $reason }. Check that there is room and that you may write there.
problem-start-not-changed = Starting with the computer could not be changed: { $reason }. Check that you may write to the folder “autostart” in your configuration folder (.config).
problem-link-unknown = Presente does not know what that link asks for. Links that add a server look like this: presente://add?server=ADDRESS
problem-command-not-run = The command “{ $program }” could not be run: { $reason }. Check it where you set when you are told.
problem-local-server = The server on this computer does not start: { $reason }
problem-no-notifications = No notification service is running, so arrivals are shown only in the window and the tray.
problem-no-tray = This desktop has no tray, so closing the window quits Presente.
problem-no-display = There is no display to open a window on. Start Presente in a desktop session, or use presente-cli in a terminal.
problem-signed-in-already = You are signed in at { $server } with this account already.
problem-old-engine = { $server } speaks Socket.IO 2, which is too old for Presente. Ask who runs it for socket.io 3 or later.
problem-unknown-dialect = { $server } speaks Socket.IO, but in a way that Presente does not know yet. It can find out by listening to it.
problem-credentials-needed = { $server } lets in only people who have an account. Fill in your e-mail and your password.
problem-profile-not-saved = The profile could not be kept: { $reason }
problem-profile-left-out = A profile of yours is left out: { $what }
detect-handshake = Looking for what { $server } speaks
detect-listening = Listening to { $server }
detect-asking = Asking { $server } who is there
detect-signing-in = Signing in at { $server }
detect-signed-in = Signed in at { $server }
detect-showing-token = Opening the connection to { $server }

learn-listening = { $count ->
    [0] Listening. Nothing has come yet; it helps if somebody else connects now.
   *[other] Listening. { $count } messages so far, and no list of people among them.
}
learn-choosing = { $count ->
    [one] { $count } message so far. Is this the list of people?
   *[other] { $count } messages so far. Is this the list of people?
}
learn-failed = The server cannot be listened to: { $reason }
learn-proposal = “{ $event }”
learn-proposal-in = “{ $event }”, at { $list }
learn-reason-rows = { $count ->
    [one] { $count } person is in it.
   *[other] { $count } people are in it.
}
learn-reason-sounds-like-people = “{ $what }” sounds like people.
learn-reason-sounds-like-things = But “{ $what }” sounds like something else.
learn-reason-bare-names = It holds bare names, like “{ $what }”.
learn-reason-bare-numbers = But it holds bare numbers.
learn-reason-identity = “{ $what }” is different for each of them.
learn-reason-name = “{ $what }” reads like a name, as in “{ $example }”.
learn-reason-no-name = But nothing in it reads like a name.
learn-reason-email = “{ $what }” is an e-mail address.
learn-reason-online = “{ $what }” says who is online.
learn-reason-looks-like-messages = But “{ $what }” looks like messages.
learn-reason-repeated = It came { $count } times.
learn-reason-answered = It came when “{ $what }” was asked.
learn-reason-tells-who-came = “{ $what }” tells who came.
learn-reason-tells-who-went = “{ $what }” tells who went.
delivery-not-offered = not sent: this server has no such messages, as far as its profile says
problem-no-sign-in = { $server } answers, but has no such sign-in (HTTP 404). It may speak another dialect; check the address, or the profile.

history-size = { $size } in { $path }
history-size-off = Not kept. { $size } of before are in { $path }
history-exported-title = History written
history-exported = { $count ->
    [one] { $count } time somebody was online is written to { $path }.
   *[other] { $count } times somebody was online are written to { $path }.
}

timeline-mon = Mon
timeline-tue = Tue
timeline-wed = Wed
timeline-thu = Thu
timeline-fri = Fri
timeline-sat = Sat
timeline-sun = Sun
timeline-weekday-mon = Monday
timeline-weekday-tue = Tuesday
timeline-weekday-wed = Wednesday
timeline-weekday-thu = Thursday
timeline-weekday-fri = Friday
timeline-weekday-sat = Saturday
timeline-weekday-sun = Sunday
timeline-month-1 = January
timeline-month-2 = February
timeline-month-3 = March
timeline-month-4 = April
timeline-month-5 = May
timeline-month-6 = June
timeline-month-7 = July
timeline-month-8 = August
timeline-month-9 = September
timeline-month-10 = October
timeline-month-11 = November
timeline-month-12 = December
timeline-title = { $weekday } { $day } { $month }
timeline-segment = { $time } { $state }
timeline-now = now
timeline-state-online = online
timeline-state-away = away
timeline-state-busy = do not disturb
timeline-state-offline = offline
timeline-state-unknown = not known
timeline-head-time = Time
timeline-head-state = State
timeline-head-day = Day
timeline-head-online = Online
timeline-head-first = First
timeline-head-last = Last
timeline-minutes = { $minutes } min
timeline-hours = { $hours } h { $minutes } min
timeline-empty = Nothing is known of this time: it was not watched.

# Below the heading that says “Usually here”: the days, and the hours.
usual-sentence = { $days }, { $hours }
usual-every-day = every day
usual-all-day = at all hours
usual-hours = { $from }–{ $until } h
usual-and = { $one } and { $other }
usual-share = { $share } %
usual-irregular = No usual hours
usual-never = Not once here in the last { $weeks } weeks, as far as was watched
usual-head-hour = Hour
usual-empty = Too little is known yet. It takes half a day of watching at least.

problem-history-not-kept = Who was online when cannot be kept in { $path }: { $reason }. Check that there is room and that you may write there. Nothing is lost yet.
problem-history-set-aside = What was kept of who was online when could not be read and was set aside as { $path }. It is kept anew from now on.
problem-history-not-read = What is kept of who was online when cannot be read or changed: { $reason }
problem-history-not-exported = The history could not be written to { $path }: { $reason }. Check that there is room and that you may write there.

count-people = { $count ->
    [0] nobody
    [one] 1 person
   *[other] { $count } people
}
detail-profile = Speaks
detail-people = People known
about-what = Presente knows who of your people is online, and tells you the moment somebody you wait for arrives.
about-licence = Free software under the MIT licence or the Apache licence 2.0, as you like.
about-privacy = What you note of people and who was online when stays on this computer.
about-desktop = This desktop
notification-open = Open
notice-updated = Presente has been updated
notice-updated-body = Quit it from the tray icon's menu and start it again.
fact-desktop = Desktop
fact-session = Session
fact-notifications = Notifications
