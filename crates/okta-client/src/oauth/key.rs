//! The private key of a service app.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{der, jwt};

/// Why a key cannot be used. No message holds any of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Neither PEM nor a JWK.
    #[error(
        "it is neither PEM nor a JWK. Expected a text that begins with “-----BEGIN PRIVATE KEY-----”, or a JSON object with \
         “kty” and “d”; Okta shows both where a key is generated for an app"
    )]
    Unknown,
    /// The public part alone.
    #[error(
        "it is a public key. Expected the private key of the pair; Okta shows it once, where the pair is generated"
    )]
    Public,
    /// A PEM with a password.
    #[error(
        "it is locked by a password. Expected a key without one: `openssl pkcs8 -topk8 -nocrypt -in KEY -out NEW` writes it"
    )]
    Locked,
    /// A key of a kind or size that does not do.
    #[error(
        "it is damaged, or of a kind or size that Okta does not take. Expected RSA of 2048 bits or more, or one of the curves \
         P-256, P-384 and P-521"
    )]
    Unfit,
    /// The system gives no randomness.
    #[error("the system gives no randomness, without which nothing can be signed")]
    NoChance,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    fn algorithm(self) -> &'static str {
        match self {
            Self::P256 => "ES256",
            Self::P384 => "ES384",
            Self::P521 => "ES512",
        }
    }

    fn signing(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
            Self::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
            Self::P521 => &ECDSA_P521_SHA512_FIXED_SIGNING,
        }
    }
}

enum Pair {
    Rsa(RsaKeyPair),
    Curve(Curve, EcdsaKeyPair),
}

/// The private key by which a service app proves who it is. Its `Debug` shows only what is public.
pub struct PrivateKey {
    pair: Pair,
    kid: Option<String>,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("algorithm", &self.algorithm())
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl PrivateKey {
    /// Makes a new key: RSA of 2048 bits, as Okta's Admin Console makes them. Its key id is its thumbprint (RFC 7638).
    ///
    /// # Errors
    /// [`KeyError::NoChance`].
    pub fn generate() -> Result<Self, KeyError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::NoChance)?;
        let mut key = Self { pair: Pair::Rsa(pair), kid: None };
        key.kid = Some(key.thumbprint()?);
        Ok(key)
    }

    /// A key for proofs of possession: on the curve P-256, quick to make and to use.
    pub(super) fn for_proofs() -> Result<Self, KeyError> {
        let curve = Curve::P256;
        let pair = EcdsaKeyPair::generate(curve.signing()).map_err(|_| KeyError::NoChance)?;
        Ok(Self { pair: Pair::Curve(curve, pair), kid: None })
    }

    /// Reads a key: PEM (PKCS#8, or the older forms “RSA PRIVATE KEY” and “EC PRIVATE KEY”) or a JWK. A JWK brings its key
    /// id; for PEM Okta finds the right key without one.
    ///
    /// # Errors
    /// [`KeyError`], which says what was expected.
    pub fn parse(text: &SecretString) -> Result<Self, KeyError> {
        let text = text.expose_secret().trim();
        if text.starts_with('{') {
            return Self::from_jwk(text);
        }
        let (before, rest) = text.split_once("-----BEGIN ").ok_or(KeyError::Unknown)?;
        let (label, rest) = rest.split_once("-----").ok_or(KeyError::Unknown)?;
        // OpenSSL writes the parameters of a curve before the key.
        if label == "EC PARAMETERS" && before.trim().is_empty() {
            let (_, rest) = rest.split_once("-----END EC PARAMETERS-----").ok_or(KeyError::Unknown)?;
            return Self::parse(&SecretString::from(rest.trim()));
        }
        let (body, _) = rest.split_once("-----END ").ok_or(KeyError::Unknown)?;
        let locked = label == "ENCRYPTED PRIVATE KEY" || body.contains("ENCRYPTED");
        match label {
            _ if locked => return Err(KeyError::Locked),
            "PUBLIC KEY" | "RSA PUBLIC KEY" | "CERTIFICATE" => return Err(KeyError::Public),
            _ => {}
        }
        let packed: Zeroizing<String> = Zeroizing::new(body.split_ascii_whitespace().collect());
        let der = Zeroizing::new(BASE64_STANDARD.decode(packed.as_str()).map_err(|_| KeyError::Unfit)?);
        let curves = |read: &dyn Fn(Curve) -> Option<EcdsaKeyPair>| {
            Curve::ALL.into_iter().find_map(|curve| Some(Pair::Curve(curve, read(curve)?)))
        };
        let pair = match label {
            "PRIVATE KEY" => RsaKeyPair::from_pkcs8(&der)
                .ok()
                .map(Pair::Rsa)
                .or_else(|| curves(&|curve| EcdsaKeyPair::from_pkcs8(curve.signing(), &der).ok())),
            "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der).ok().map(Pair::Rsa),
            "EC PRIVATE KEY" => {
                curves(&|curve| EcdsaKeyPair::from_private_key_der(curve.signing(), &der).ok())
            }
            _ => return Err(KeyError::Unknown),
        };
        Ok(Self { pair: pair.ok_or(KeyError::Unfit)?, kid: None })
    }

    fn from_jwk(text: &str) -> Result<Self, KeyError> {
        let jwk: Value = serde_json::from_str(text).map_err(|_| KeyError::Unknown)?;
        let word = |name: &str| jwk.get(name).and_then(Value::as_str);
        let part = |name: &str| word(name).and_then(jwt::decoded).map(Zeroizing::new);
        let kind = word("kty").ok_or(KeyError::Unknown)?;
        let d = part("d").ok_or(if matches!(kind, "RSA" | "EC") {
            KeyError::Public
        } else {
            KeyError::Unknown
        })?;
        let need = |name: &str| part(name).ok_or(KeyError::Unfit);
        let pair = match kind {
            "RSA" => {
                let [n, e, p, q] = [need("n")?, need("e")?, need("p")?, need("q")?];
                let [dp, dq, qi] = [need("dp")?, need("dq")?, need("qi")?];
                let der = Zeroizing::new(der::sequence(&[&[], &n, &e, &d, &p, &q, &dp, &dq, &qi]));
                RsaKeyPair::from_der(&der).ok().map(Pair::Rsa)
            }
            "EC" => {
                let name = word("crv").unwrap_or_default();
                let curve =
                    Curve::ALL.into_iter().find(|curve| curve.name() == name).ok_or(KeyError::Unfit)?;
                let point = [&[4_u8], need("x")?.as_slice(), need("y")?.as_slice()].concat();
                EcdsaKeyPair::from_private_key_and_public_key(curve.signing(), &d, &point)
                    .ok()
                    .map(|pair| Pair::Curve(curve, pair))
            }
            _ => None,
        };
        Ok(Self { pair: pair.ok_or(KeyError::Unfit)?, kid: word("kid").map(str::to_owned) })
    }

    /// Sets the key id under which Okta knows the key.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// The key id, where it is known.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// How it signs, as JWS names it.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        match &self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Curve(curve, _) => curve.algorithm(),
        }
    }

    fn members(&self) -> Result<Vec<(&'static str, String)>, KeyError> {
        match &self.pair {
            Pair::Rsa(pair) => {
                let public = pair.public_key();
                let numbers = der::integers(public.as_ref()).ok_or(KeyError::Unfit)?;
                let [n, e] = numbers.as_slice() else { return Err(KeyError::Unfit) };
                Ok(vec![("e", jwt::encoded(e)), ("kty", "RSA".to_owned()), ("n", jwt::encoded(n))])
            }
            Pair::Curve(curve, pair) => {
                // An uncompressed point: 4, then the two halves.
                let point = pair.public_key().as_ref().get(1..).ok_or(KeyError::Unfit)?;
                let (x, y) = point.split_at(point.len() / 2);
                Ok(vec![
                    ("crv", curve.name().to_owned()),
                    ("kty", "EC".to_owned()),
                    ("x", jwt::encoded(x)),
                    ("y", jwt::encoded(y)),
                ])
            }
        }
    }

    /// The thumbprint of the public key (RFC 7638): its members in order of their names, nothing else.
    ///
    /// # Errors
    /// [`KeyError::Unfit`], for a key whose public part cannot be told.
    pub fn thumbprint(&self) -> Result<String, KeyError> {
        let members: Vec<String> =
            self.members()?.into_iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        Ok(jwt::hash(format!("{{{}}}", members.join(",")).as_bytes()))
    }

    /// The public key as a bare JWK.
    pub(super) fn bare_jwk(&self) -> Result<Value, KeyError> {
        Ok(Value::Object(
            self.members()?.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect(),
        ))
    }

    /// The public key as a JWK, as an app is registered with it.
    ///
    /// # Errors
    /// As [`thumbprint`](Self::thumbprint).
    pub fn public_jwk(&self) -> Result<Value, KeyError> {
        let mut jwk = self.bare_jwk()?;
        jwk["use"] = json!("sig");
        jwk["alg"] = self.algorithm().into();
        if let Some(kid) = &self.kid {
            jwk["kid"] = kid.as_str().into();
        }
        Ok(jwk)
    }

    /// The key as PEM (PKCS#8), to be sealed. [`PrivateKey::parse`] reads it; the key id is not in it.
    ///
    /// # Errors
    /// [`KeyError::Unfit`], for a key that cannot be written.
    pub fn to_pem(&self) -> Result<SecretString, KeyError> {
        let der: Zeroizing<Vec<u8>> = match &self.pair {
            Pair::Rsa(pair) => {
                let der: Pkcs8V1Der<'static> = pair.as_der().map_err(|_| KeyError::Unfit)?;
                Zeroizing::new(der.as_ref().to_vec())
            }
            Pair::Curve(_, pair) => {
                Zeroizing::new(pair.to_pkcs8v1().map_err(|_| KeyError::Unfit)?.as_ref().to_vec())
            }
        };
        let packed = Zeroizing::new(BASE64_STANDARD.encode(&*der));
        let mut pem = Zeroizing::new(String::from("-----BEGIN PRIVATE KEY-----\n"));
        let mut rest = packed.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(64));
            pem.push_str(line);
            pem.push('\n');
            rest = after;
        }
        pem.push_str("-----END PRIVATE KEY-----\n");
        Ok(SecretString::from(pem.as_str()))
    }

    /// Signs, as JWS wants it.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let signed = pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature);
                signed.map(|()| signature).map_err(|_| KeyError::NoChance)
            }
            Pair::Curve(_, pair) => {
                let signature = pair.sign(&random, message).map_err(|_| KeyError::NoChance)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(curve: Curve) -> PrivateKey {
        let pair = EcdsaKeyPair::generate(curve.signing()).expect("a key");
        PrivateKey { pair: Pair::Curve(curve, pair), kid: None }
    }

    #[test]
    fn keys_go_to_pem_and_back() {
        let rsa = PrivateKey::generate().expect("a key");
        assert_eq!(rsa.kid(), rsa.thumbprint().ok().as_deref());
        let jwk = rsa.public_jwk().expect("a JWK");
        assert_eq!(
            (&jwk["kty"], &jwk["alg"], &jwk["use"], &jwk["e"]),
            (&json!("RSA"), &json!("RS256"), &json!("sig"), &json!("AQAB"))
        );
        assert_eq!(jwk["n"].as_str().map(str::len), Some(342), "2048 bits, no leading zero");
        assert!(jwk.get("d").is_none());
        for key in [rsa, curve(Curve::P256), curve(Curve::P384), curve(Curve::P521)] {
            let pem = key.to_pem().expect("PEM");
            assert!(pem.expose_secret().starts_with("-----BEGIN PRIVATE KEY-----\n"));
            let back = PrivateKey::parse(&pem).expect("reads its own");
            assert_eq!(back.thumbprint(), key.thumbprint());
            assert_eq!((back.algorithm(), back.kid()), (key.algorithm(), None));
            let shown = format!("{key:?}");
            assert!(pem.expose_secret().lines().nth(2).is_none_or(|line| !shown.contains(line)), "{shown}");
        }
    }

    /// The example of RFC 7517, appendix A.2, and its public half.
    const EC: &str = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE","kid":"1"}"#;

    #[test]
    fn a_jwk_brings_its_id() {
        let key = PrivateKey::parse(&EC.into()).expect("a key");
        assert_eq!((key.algorithm(), key.kid()), ("ES256", Some("1")));
        assert_eq!(key.public_jwk().expect("a JWK")["x"], "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4");
    }

    #[test]
    fn what_is_no_private_key_says_what_was_expected() {
        let pem = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----");
        let public = EC.replace("\"d\"", "\"x5\"");
        for (text, error) in [
            (String::new(), KeyError::Unknown),
            ("00abcdef".to_owned(), KeyError::Unknown),
            ("{}".to_owned(), KeyError::Unknown),
            (r#"{"kty":"oct","k":"AQ"}"#.to_owned(), KeyError::Unknown),
            (public, KeyError::Public),
            (EC.replace("P-256", "secp256k1"), KeyError::Unfit),
            (EC.replace("870MB6", "870MB7"), KeyError::Unfit),
            (pem("PUBLIC KEY"), KeyError::Public),
            (pem("CERTIFICATE"), KeyError::Public),
            (pem("ENCRYPTED PRIVATE KEY"), KeyError::Locked),
            (pem("PRIVATE KEY"), KeyError::Unfit),
            (pem("RSA PRIVATE KEY"), KeyError::Unfit),
            (pem("OPENSSH PRIVATE KEY"), KeyError::Unknown),
            ("-----BEGIN PRIVATE KEY-----\nAAAA".to_owned(), KeyError::Unknown),
        ] {
            let got = PrivateKey::parse(&text.as_str().into()).map(|_| ()).expect_err("no key");
            assert_eq!(got, error, "{text}");
            assert!(!got.to_string().contains("870MB"), "no message holds a key");
        }
    }
}
