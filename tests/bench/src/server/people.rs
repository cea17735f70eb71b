//! The people who have accounts, the same at every server.

use serde::Serialize;
use std::net::Ipv4Addr;

/// The password of everybody.
pub const PASSWORD: &str = "bench-password";
/// What our server stores of it: argon2id at its cheapest, because the hashing is not what is compared; the other server's
/// is SHA-256.
pub const PASSWORD_HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$cHJlc2VudGUtYmVuY2gteA$c0mnhe4jTCMYJs9FYy8YWqxzKRMFZrKA03IFnbluB0k";
/// Digits of an id, at both servers.
const ID: usize = 24;
/// People who come from the same network of 256 addresses.
const PER_NETWORK: u32 = 250;

/// Somebody with an account.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The address to sign in with.
    pub email: String,
    /// In clear; see [`PASSWORD`].
    pub password: &'static str,
    /// First name.
    pub first_name: &'static str,
    /// Last name.
    pub last_name: String,
    #[serde(skip)]
    number: u32,
}

impl Person {
    /// The person of this number; their row in a list is about 133 bytes long.
    pub fn new(number: u32) -> Self {
        Self {
            email: format!("persona.{number}@example.org"),
            password: PASSWORD,
            first_name: if number.is_multiple_of(5) { "María José" } else { "Ana" },
            last_name: format!("Núñez {number}"),
            number,
        }
    }

    /// The first `count` people.
    pub fn first(count: u32) -> Vec<Self> {
        (0..count).map(Self::new).collect()
    }

    /// Where this person's connections come from: everybody has an address of their own on the loopback network, because
    /// servers count by addresses.
    pub fn address(&self) -> Ipv4Addr {
        let byte = |number: u32| u8::try_from(number % 256).unwrap_or_default();
        Ipv4Addr::new(127, 77, byte(self.number / PER_NETWORK), byte(1 + self.number % PER_NETWORK))
    }

    /// An id of this person's, of the servers' kind.
    pub fn id(&self) -> String {
        format!("{:0ID$x}", u128::from(self.number) + (0x65f1_c0de_5eed << 48))
    }
}

/// How long a list of all of them is on the wire of the dialect.
pub fn length_of_list(people: &[Person]) -> usize {
    let frame = r#"["usersConected",{"response":{"user":[]}}]"#.len();
    let row = |person: &Person| {
        let names = person.email.len() + person.first_name.len() + person.last_name.len();
        r#"{"_id":"","firstName":"","lastName":"","email":"","isConected":true},"#.len() + ID + names
    };
    // No comma after the last one.
    (frame + people.iter().map(row).sum::<usize>()).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn the_length_of_a_list_is_the_one_it_has_when_it_is_written() {
        let people = Person::first(7);
        let rows: Vec<_> = people
            .iter()
            .map(|Person { email, first_name, last_name, .. }| {
                let id = Person::new(3).id();
                format!(
                    r#"{{"_id":"{id}","firstName":"{first_name}","lastName":"{last_name}","email":"{email}","isConected":true}}"#
                )
            })
            .collect();
        let text = format!(r#"["usersConected",{{"response":{{"user":[{}]}}}}]"#, rows.join(","));
        assert_eq!(length_of_list(&people), text.len());
    }

    #[test]
    fn everybody_comes_from_an_address_of_their_own() {
        let addresses: std::collections::BTreeSet<_> =
            Person::first(10_000).iter().map(Person::address).collect();
        assert_eq!(addresses.len(), 10_000);
        assert!(addresses.iter().all(Ipv4Addr::is_loopback));
    }
}
