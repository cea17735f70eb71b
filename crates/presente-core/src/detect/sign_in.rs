//! Which sign-in requests may be made, and with which bodies.
//!
//! Some servers end on a body that lacks something. So where candidates sign in at the same place, one body is sent
//! that is complete for each of them; where there is no such body, only evidence of the socket allows to send one.

use super::evidence::{Ranked, Standing};
use crate::profile::{Body, Profile, Request};
use serde_json::Value;
use std::sync::Arc;

/// The candidates that sign in by the same method at the same path, the likeliest first. Each has the body that suits
/// all of them.
#[derive(Debug)]
pub(super) struct Door {
    /// The candidate, and the same with the body that is sent.
    pub(super) members: Vec<(Ranked, Arc<Profile>)>,
}

/// The door at which the candidate at the head of `ranking` signs in, with all others that do so too. `None` if it has
/// no sign-in, or if nothing can be sent there that is surely complete.
pub(super) fn door(ranking: &[Ranked]) -> Option<Door> {
    let first = ranking.first()?;
    let request = first.profile.sign_in.as_ref()?;
    let mut body = request.body.clone();
    let mut members = vec![first.clone()];
    for other in ranking.iter().skip(1) {
        let Some(theirs) = other.profile.sign_in.as_ref().filter(|theirs| is_same_place(request, theirs))
        else {
            continue;
        };
        match union(body.as_ref(), theirs.body.as_ref()) {
            Some(both) => {
                body = both;
                members.push(other.clone());
            }
            // The socket has shown which of the two it is.
            None if first.standing == Standing::Supported && other.standing < Standing::Supported => {}
            None => return None,
        }
    }
    let with_body = |ranked: Ranked| {
        let mut profile = ranked.profile.as_ref().clone();
        if let Some(request) = &mut profile.sign_in {
            request.body.clone_from(&body);
        }
        (ranked, Arc::new(profile))
    };
    Some(Door { members: members.into_iter().map(with_body).collect() })
}

/// Whether two requests go to the same place.
pub(super) fn is_same_place(one: &Request, other: &Request) -> bool {
    one.method == other.method && one.path == other.path
}

/// A body that is complete for both, if there is one. What differs in nothing but single values is complete for both
/// as it is.
#[allow(clippy::option_option, reason = "no body is a body too")]
fn union(one: Option<&Body>, other: Option<&Body>) -> Option<Option<Body>> {
    match (one, other) {
        (None, None) => Some(None),
        (Some(one), Some(other)) => one
            .merged(other)
            .or_else(|| {
                let fits = has_all(&Value::from(one.clone()), &Value::from(other.clone()));
                fits.then(|| one.clone())
            })
            .map(Some),
        _ => None,
    }
}

/// Whether everything that `other` has is there in `one`, with whatever value.
fn has_all(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            other.iter().all(|(key, theirs)| one.get(key).is_some_and(|mine| has_all(mine, theirs)))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(mine, theirs)| has_all(mine, theirs))
        }
        (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn signing_in_with(body: &Value, standing: Standing) -> Ranked {
        let mut profile = Profile::preset("usersconected").unwrap();
        profile.name = body.to_string();
        profile.sign_in.as_mut().unwrap().body = Some(Body::try_from(body.clone()).unwrap());
        Ranked { profile: Arc::new(profile), standing, score: 0, is_own: true, reasons: Vec::new(), scene: 0 }
    }

    fn sent(ranking: &[Ranked]) -> Option<(usize, Value)> {
        let door = door(ranking)?;
        let body = door.members[0].1.sign_in.as_ref().unwrap().body.clone().unwrap();
        for (_, profile) in &door.members {
            assert_eq!(profile.sign_in.as_ref().unwrap().body.as_ref(), Some(&body), "one body for all");
        }
        Some((door.members.len(), body.into()))
    }

    #[test]
    fn candidates_of_one_door_get_a_body_that_is_complete_for_each() {
        use Standing::{Possible, Supported};
        let (a, b) = (json!({"user": "{email}"}), json!({"pass": "{password}"}));
        let ab = json!({"user": "{email}", "pass": "{password}"});
        let nested = json!({"user": {"email": "{email}"}});
        for (one, standing, other, expected) in [
            (&a, Possible, &b, Some((2, ab.clone()))),
            // Complete, whatever the value is.
            (
                &json!({"user": "{email}", "from": "x"}),
                Possible,
                &json!({"user": "{email}", "from": "y"}),
                Some((2, json!({"user": "{email}", "from": "x"}))),
            ),
            // A text where one wants an object: nothing is sent, unless the socket has shown which it is.
            (&a, Possible, &nested, None),
            (&a, Supported, &nested, Some((1, a.clone()))),
        ] {
            let ranking = [signing_in_with(one, standing), signing_in_with(other, Possible)];
            assert_eq!(sent(&ranking), expected, "{one} and {other}, {standing:?}");
        }
    }

    #[test]
    fn who_has_no_sign_in_has_no_door_and_another_path_is_another_door() {
        let nickname = Profile::preset("nickname").unwrap();
        let mut ranked = signing_in_with(&json!({"user": "{email}"}), Standing::Possible);
        let mut elsewhere = Profile::clone(&ranked.profile);
        elsewhere.sign_in.as_mut().unwrap().path = "/other".to_owned().try_into().unwrap();
        let other = Ranked { profile: Arc::new(elsewhere), ..ranked.clone() };
        assert_eq!(sent(&[ranked.clone(), other]).unwrap().0, 1);
        ranked.profile = Arc::new(nickname);
        assert!(door(&[ranked]).is_none());
    }
}
