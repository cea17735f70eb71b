//! A certificate authority that nobody knows, and what it vouches for.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

/// Which name a server's certificate is for, and whether it still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// For the name that the server is reached by.
    Good,
    /// It was good once.
    Expired,
    /// It is for another name.
    WrongHost,
}

/// A private authority whose files are in a folder.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: PathBuf,
}

impl Authority {
    /// Makes one, and writes its certificate to `folder`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn create(folder: &Path) -> Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "An authority for tests");
        let key = KeyPair::generate()?;
        fs::write(folder.join("ca.pem"), params.self_signed(&key)?.pem())?;
        Ok(Self { issuer: Issuer::new(params, key), folder: folder.to_owned() })
    }

    /// The file that a client has to trust.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// Makes a certificate for a server that is reached as `host`; its files: the key and the certificate.
    ///
    /// # Errors
    /// The files cannot be written.
    pub fn certify(&self, host: &str, certificate: Certificate) -> Result<(PathBuf, PathBuf)> {
        let name = if certificate == Certificate::WrongHost { "elsewhere.test" } else { host };
        let mut params = CertificateParams::new([name.to_owned()])?;
        if certificate == Certificate::Expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate()?;
        let files = (self.folder.join("key.pem"), self.folder.join("certificate.pem"));
        fs::write(&files.0, key.serialize_pem())?;
        fs::write(&files.1, params.signed_by(&key, &self.issuer)?.pem())?;
        Ok(files)
    }
}
