//! The server's own words, in Spanish (the default) and English.

/// A language the server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Spanish,
    English,
}

impl Language {
    /// The best of ours for an `Accept-Language` header; Spanish when it names neither.
    pub(crate) fn accepted(header: Option<&str>) -> Self {
        let mut best = (0.0, Self::Spanish);
        for item in header.unwrap_or_default().split(',') {
            let mut parts = item.split(';').map(str::trim);
            let primary = parts.next().unwrap_or_default().split(['-', '_']).next().unwrap_or_default();
            let weight = parts.find_map(|p| p.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
            let language = match primary.to_ascii_lowercase().as_str() {
                "es" => Self::Spanish,
                "en" => Self::English,
                _ => continue,
            };
            // Strictly more: of equals, the first one named wins.
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }
}

/// One thing the server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phrase {
    AccountCreated,
    SignedIn,
    WrongCredentials,
    EmailTaken,
    BadName,
    BadEmail,
    BadPassword,
    IncompleteRequest,
    RequestTooLarge,
    RequestTooSlow,
    NotYourSession,
    SignInAgain,
    TokenMissing,
    Busy,
    Failure,
    NotFound,
    UnknownCode,
    Greeting,
    ServerName,
    FrontPage,
    MessageTooLarge,
    MessageUnreadable,
    MessageNotAllowed,
    SomebodyUnnamed,
}

impl Phrase {
    /// The words in `language`.
    pub(crate) fn text(self, language: Language) -> &'static str {
        match language {
            Language::Spanish => self.spanish(),
            Language::English => self.english(),
        }
    }

    fn spanish(self) -> &'static str {
        match self {
            Self::AccountCreated => "Tu cuenta está creada. Ya puedes iniciar sesión.",
            Self::SignedIn => "Has iniciado sesión.",
            Self::WrongCredentials => "El correo o la contraseña no son correctos.",
            Self::EmailTaken => {
                "Ya existe una cuenta con ese correo. Inicia sesión con ella o usa otro correo."
            }
            Self::BadName => "Escribe un nombre de 1 a 128 caracteres y un apellido de 128 como máximo.",
            Self::BadEmail => "Escribe una dirección de correo válida, como nombre@dominio.com.",
            Self::BadPassword => "La contraseña debe tener entre 8 y 1024 bytes.",
            Self::IncompleteRequest => "La petición está incompleta o no es JSON válido.",
            Self::RequestTooLarge => "La petición es demasiado grande.",
            Self::RequestTooSlow => "La petición ha tardado demasiado en llegar.",
            Self::NotYourSession => "Solo puedes cerrar tu propia sesión.",
            Self::SignInAgain => "Tu sesión ha caducado o no es válida. Inicia sesión de nuevo.",
            Self::TokenMissing => "Hace falta iniciar sesión: la petición no lleva token.",
            Self::Busy => "El servidor está ocupado. Inténtalo de nuevo en unos segundos.",
            Self::Failure => "El servidor no ha podido completar la petición. Inténtalo más tarde.",
            Self::NotFound => "Aquí no hay nada.",
            Self::UnknownCode => "Este enlace de verificación no es válido.",
            Self::Greeting => "¡Hola! Estás en contacto con el servidor de Presente.",
            Self::ServerName => "Servidor",
            Self::FrontPage => "Servidor de Presente. Conéctate con la aplicación Presente.\n",
            Self::MessageTooLarge => "El mensaje es demasiado largo.",
            Self::MessageUnreadable => "El mensaje no se entiende: envía un texto o un objeto.",
            Self::MessageNotAllowed => "Inicia sesión para enviar mensajes.",
            Self::SomebodyUnnamed => "Anónimo",
        }
    }

    fn english(self) -> &'static str {
        match self {
            Self::AccountCreated => "Your account is ready. You can sign in now.",
            Self::SignedIn => "You are signed in.",
            Self::WrongCredentials => "The e-mail or the password is not right.",
            Self::EmailTaken => {
                "There is already an account with this e-mail. Sign in to it or use another one."
            }
            Self::BadName => "Enter a first name of 1 to 128 characters and a last name of at most 128.",
            Self::BadEmail => "Enter a valid e-mail address, such as name@domain.com.",
            Self::BadPassword => "The password must have between 8 and 1024 bytes.",
            Self::IncompleteRequest => "The request is incomplete or not valid JSON.",
            Self::RequestTooLarge => "The request is too large.",
            Self::RequestTooSlow => "The request took too long to arrive.",
            Self::NotYourSession => "You can only sign out yourself.",
            Self::SignInAgain => "Your session has expired or is not valid. Sign in again.",
            Self::TokenMissing => "You need to sign in: the request carries no token.",
            Self::Busy => "The server is busy. Try again in a few seconds.",
            Self::Failure => "The server could not complete the request. Try again later.",
            Self::NotFound => "There is nothing here.",
            Self::UnknownCode => "This verification link is not valid.",
            Self::Greeting => "Hello! You are in touch with the server of Presente.",
            Self::ServerName => "Server",
            Self::FrontPage => "A server of Presente. Connect to it with the Presente app.\n",
            Self::MessageTooLarge => "The message is too long.",
            Self::MessageUnreadable => "The message cannot be read: send a text or an object.",
            Self::MessageNotAllowed => "Sign in to send messages.",
            Self::SomebodyUnnamed => "Anonymous",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_heaviest_of_ours_and_spanish_otherwise() {
        for (header, expected) in [
            (None, Language::Spanish),
            (Some(""), Language::Spanish),
            (Some("fr, de"), Language::Spanish),
            (Some("en"), Language::English),
            (Some("EN-gb"), Language::English),
            (Some("es-MX, en;q=0.8"), Language::Spanish),
            (Some("es;q=0.3, en;q=0.8"), Language::English),
            (Some("fr, en;q=0.5"), Language::English),
            (Some("en, es"), Language::English),
            (Some("en;q=0"), Language::Spanish),
            (Some("en;q=x"), Language::Spanish),
            (Some(";;,,;q="), Language::Spanish),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header:?}");
        }
    }
}
