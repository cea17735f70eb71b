//! `presente-cli learn`: listen to a server that nobody has a profile for, ask what is what, and keep a profile.

use crate::{arguments::Learn, profiles, watch::GivenUp};
use anyhow::{Context, Result, bail};
use presente_core::{
    detect::{DetectError, Detector, Found, Step},
    learn::{Heard, Mapping, Observed, Proposal, known_requests, listen, propose},
    link::own::OwnLink,
    problem::Problem,
    profile::{Field, Library, Profile},
    server_url::ServerUrl,
    session::{Credentials, HttpSessions, Sessions, Target, link_request},
    texts::Texts,
};
use secrecy::SecretString;
use std::{
    io::{self, BufRead, Write},
    sync::Arc,
    time::Duration,
};

/// How many proposals and people are shown.
const SHOWN: usize = 5;
/// How much of a sample is shown, in characters.
const SAMPLE_CHARS: usize = 160;

/// Learns, asks and saves.
pub(crate) async fn learn(options: Learn) -> Result<()> {
    let texts = Texts::of_system();
    let server = ServerUrl::parse(&options.server)
        .map_err(|error| usage(&Problem::InvalidAddress { input: error.input }, &texts))?;
    if options.email.is_some() && server.is_exposed() && !options.accept_unencrypted {
        return Err(usage(&Problem::Unencrypted { server: server.to_string() }, &texts).into());
    }
    let sessions = Arc::new(HttpSessions::new(texts.language()).context("the TLS library does not start")?);
    let connector = Arc::new(OwnLink::new(texts.language()).context("the TLS library does not start")?);
    let mut library = profiles::library();
    let known = match &options.profile {
        Some(name) => {
            let profile = profiles::named(name, &library)?;
            signed_in_by(profile, sessions.as_ref(), &server, &options, &texts).await?
        }
        None => {
            let detector = Detector::new(sessions, connector.clone(), texts.language())
                .context("the TLS library does not start")?;
            find_out(&detector, &server, &options, &library, &texts).await?
        }
    };
    let base = match known {
        Known::Already(profile) => {
            say(&format!("{server} speaks {profile:?}; there is nothing to learn."))?;
            return Ok(());
        }
        Known::Partly(found) => found,
    };
    let (profile, session) = match base {
        Some(found) => (Some(found.profile), found.session),
        None => (None, None),
    };
    let nobody = Arc::new(Mapping::default().profile("", None));
    let target = Target { server: server.clone(), profile: profile.clone().unwrap_or(nobody) };
    let token = session.and_then(|session| session.token);
    let requests = known_requests(library.all().map(AsRef::as_ref));
    say(&format!(
        "Listening to {server} for {} s. It helps if somebody else connects meanwhile.",
        options.seconds
    ))?;
    let lasting = Duration::from_secs(options.seconds);
    let request = link_request(&target, token.as_ref());
    let observed = listen(connector.as_ref(), request, &requests, lasting, |heard| hear(&heard)).await?;
    let proposals = propose(&observed);
    if proposals.is_empty() {
        bail!(
            "No list of people came. Let somebody else connect meanwhile, or listen longer with --for; \
             docs/PROFILES.md tells how to write a profile by hand."
        );
    }
    let mapping = choose(&proposals, &observed, &options, &texts)?;
    let name = options.name.clone().unwrap_or_else(|| server.host().to_owned());
    let name = if options.yes { name } else { ask("What is the profile to be called?", &name)? };
    save(&mapping.profile(&name, profile.as_deref()), &mut library, &server)
}

enum Known {
    Already(String),
    Partly(Option<Found>),
}

async fn find_out(
    detector: &Detector,
    server: &ServerUrl,
    options: &Learn,
    library: &Library,
    texts: &Texts,
) -> Result<Known> {
    let who = credentials(options);
    let candidates: Vec<Arc<Profile>> = library.all().cloned().collect();
    let tell = |step: Step| {
        if let Step::SigningIn { profile } = step {
            let path = profile.sign_in.as_ref().map(|request| request.path.as_str()).unwrap_or_default();
            let _ = say(&format!("-- signing in at {path}, as {:?} says", profile.name));
        }
    };
    match detector.detect(server, who.as_ref(), &candidates, tell).await {
        Ok(found) => Ok(Known::Already(found.profile.name.clone())),
        Err(DetectError::Unknown { session, .. }) => Ok(Known::Partly(session.map(|found| *found))),
        Err(error) => {
            let problem = error.problem(server);
            let mut sentence = problem.sentence(texts);
            if matches!(error, DetectError::Refused { .. } | DetectError::SocketRefused { .. }) {
                sentence.push_str(
                    "\nIf its sign-in is one that Presente does not know, write a profile with its [sign_in] and \
                     [socket] first (docs/PROFILES.md), and give it by --profile to learn the list.",
                );
            }
            Err(GivenUp::Rejected { sentence, problem }.into())
        }
    }
}

fn credentials(options: &Learn) -> Option<Credentials> {
    let password = || SecretString::from(std::env::var("PRESENTE_PASSWORD").unwrap_or_default());
    options.email.clone().map(|email| Credentials { email, password: password() })
}

/// Signs in as a profile says, if that has accounts.
async fn signed_in_by(
    profile: Arc<Profile>,
    sessions: &dyn Sessions,
    server: &ServerUrl,
    options: &Learn,
    texts: &Texts,
) -> Result<Known> {
    let session = match credentials(options).filter(|_| profile.has_accounts()) {
        Some(who) => {
            let target = Target { server: server.clone(), profile: profile.clone() };
            let session = sessions.sign_in(&target, &who, None).await.map_err(|error| {
                let problem = error.problem(server);
                GivenUp::Rejected { sentence: problem.sentence(texts), problem }
            })?;
            Some(session)
        }
        None => None,
    };
    Ok(Known::Partly(Some(Found { profile, session, reasons: Vec::new() })))
}

fn hear(heard: &Heard<'_>) {
    let line = match heard {
        Heard::Connected => "-- connected".to_owned(),
        Heard::Asked(event) => format!("-- asked {event:?}"),
        Heard::Event(name, observed) => {
            let seen = observed.event(name).filter(|seen| seen.count == 1);
            let Some(sample) = seen.and_then(|seen| seen.samples.first()) else { return };
            format!("{name:?}: {}", sample.text(SAMPLE_CHARS))
        }
    };
    // A terminal that has gone away is noticed at the next question.
    let _ = say(&line);
}

/// Shows what was found, and asks what is what.
fn choose(proposals: &[Proposal], observed: &Observed, options: &Learn, texts: &Texts) -> Result<Mapping> {
    for (number, proposal) in proposals.iter().take(SHOWN).enumerate() {
        let list = String::from(proposal.mapping.list.clone());
        let reasons: Vec<String> = proposal.reasons.iter().map(|reason| reason.sentence(texts)).collect();
        say(&format!("\n{}. {:?} {list}\n   {}", number + 1, proposal.mapping.event, reasons.join(" ")))?;
    }
    let first = proposals.first().context("nothing is proposed")?;
    if options.yes {
        show_people(&first.mapping, observed)?;
        return Ok(first.mapping.clone());
    }
    let number = ask("\nWhich is the list of people?", "1")?;
    let chosen = number.parse::<usize>().ok().and_then(|number| proposals.get(number.checked_sub(1)?));
    let mut mapping = chosen.with_context(|| format!("there is no number {number}"))?.mapping.clone();
    loop {
        show_people(&mapping, observed)?;
        if ask("Is that right? (y, or n to choose other fields)", "y")?.starts_with(['y', 'Y', 's', 'S']) {
            return Ok(mapping);
        }
        mapping = other_fields(mapping)?;
    }
}

fn other_fields(mut mapping: Mapping) -> Result<Mapping> {
    let text = |field: &Field| String::from(field.clone());
    let field = |text: &str| Field::try_from(text.trim().to_owned()).map_err(anyhow::Error::msg);
    let id = mapping.id.as_ref().map(text).unwrap_or_default();
    let id = ask("Which field is the identity?", &id)?;
    mapping.id = if id.is_empty() { None } else { Some(field(&id)?) };
    let name = mapping.name.iter().map(text).collect::<Vec<_>>().join(", ");
    let name = ask("Which field is the name? (several: with commas)", &name)?;
    mapping.name =
        name.split(',').filter(|part| !part.trim().is_empty()).map(field).collect::<Result<_>>()?;
    let email = mapping.email.as_ref().map(text).unwrap_or_default();
    let email = ask("Which field is the e-mail address? (- for none)", &email)?;
    mapping.email = if email.is_empty() || email == "-" { None } else { Some(field(&email)?) };
    Ok(mapping)
}

fn show_people(mapping: &Mapping, observed: &Observed) -> Result<()> {
    let people = mapping.preview(observed);
    say(&format!("\n{} people are read from it:", people.len()))?;
    for row in people.iter().take(SHOWN) {
        let email = row.email.as_deref().map(|email| format!(" <{email}>")).unwrap_or_default();
        say(&format!("   {}{email}   (identity {})", row.name, row.id))?;
    }
    Ok(())
}

fn save(profile: &Profile, library: &mut Library, server: &ServerUrl) -> Result<()> {
    let path = library.save(profile)?;
    say(&format!("\nSaved as {}. Try it with: presente-cli watch --server {server}", path.display()))
}

/// Asks for a line; an empty one, or none any more, is what is proposed.
fn ask(question: &str, proposed: &str) -> Result<String> {
    let mut out = io::stdout();
    write!(out, "{question} [{proposed}] ")?;
    out.flush()?;
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line)? == 0 {
        bail!("Nothing was saved: the questions were not answered. With --yes none are asked.");
    }
    let answer = line.trim();
    Ok(if answer.is_empty() { proposed.to_owned() } else { answer.to_owned() })
}

fn say(line: &str) -> Result<()> {
    writeln!(io::stdout(), "{line}").context("nobody reads any more")
}

fn usage(problem: &Problem, texts: &Texts) -> GivenUp {
    GivenUp::Rejected { sentence: problem.sentence(texts), problem: problem.clone() }
}
