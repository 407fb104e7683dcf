//! DSSE v1 envelopes: <https://github.com/secure-systems-lab/dsse/blob/master/envelope.md>.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::json;

/// The one payload type that is accepted: an in-toto statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A parsed envelope. Nothing in it is to be believed before a signature was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    payload: Vec<u8>,
    signatures: Vec<Signature>,
}

/// One signature of an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Which key made it, says whoever wrote the envelope: a hint, not a fact.
    pub key_id: Option<String>,
    /// The signature over [`pae`].
    pub bytes: Vec<u8>,
}

impl Envelope {
    /// An envelope around `payload`.
    #[must_use]
    pub fn new(payload: Vec<u8>, signatures: Vec<Signature>) -> Self {
        Self { payload, signatures }
    }

    /// Parses the JSON form.
    ///
    /// # Errors
    /// [`EnvelopeError`] names the first rule that the bytes break.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > MAX_SIZE {
            return Err(EnvelopeError::TooLarge);
        }
        let raw: RawEnvelope = json::from_slice(bytes)?;
        if raw.payload_type != PAYLOAD_TYPE {
            return Err(EnvelopeError::PayloadType(raw.payload_type));
        }
        if raw.signatures.len() > MAX_SIGNATURES {
            return Err(EnvelopeError::TooManySignatures(raw.signatures.len()));
        }
        let signatures = raw.signatures.into_iter().map(|signature| {
            let bytes = decode_base64(&signature.sig).ok_or(EnvelopeError::Base64("sig"))?;
            Ok(Signature { key_id: signature.keyid.filter(|id| !id.is_empty()), bytes })
        });
        Ok(Self {
            payload: decode_base64(&raw.payload).ok_or(EnvelopeError::Base64("payload"))?,
            signatures: signatures.collect::<Result<_, EnvelopeError>>()?,
        })
    }

    /// The JSON form, ending in a newline.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let raw = RawEnvelope {
            payload_type: PAYLOAD_TYPE.to_owned(),
            payload: STANDARD.encode(&self.payload),
            signatures: (self.signatures.iter())
                .map(|signature| RawSignature {
                    keyid: signature.key_id.clone(),
                    sig: STANDARD.encode(&signature.bytes),
                })
                .collect(),
        };
        // A struct of strings cannot fail to serialize.
        let mut json = serde_json::to_vec_pretty(&raw).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// The bytes that were signed over, by whomever.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// All signatures.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }
}

/// The pre-authentication encoding: what a signature is really made over. It binds the payload type and needs no
/// canonical JSON.
#[must_use]
pub fn pae(payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

/// Why bytes are not an envelope.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// A field is not base64, neither in the standard nor in the URL-safe alphabet.
    #[error("the envelope's `{0}` is not base64")]
    Base64(&'static str),
    /// Not JSON, a duplicate key, a missing field, or something after the end.
    #[error("the envelope is not a DSSE envelope: {0}")]
    Json(#[from] serde_json::Error),
    /// An envelope around something that is no in-toto statement.
    #[error("the envelope holds `{0}`, expected `{PAYLOAD_TYPE}`")]
    PayloadType(String),
    /// No honest statement needs so much room.
    #[error("the envelope is larger than {MAX_SIZE} bytes")]
    TooLarge,
    /// No honest envelope has so many.
    #[error("the envelope has {0} signatures, at most {MAX_SIGNATURES} are read")]
    TooManySignatures(usize),
}

/// Fields that the specification does not name are ignored, as it demands.
#[derive(Serialize, Deserialize)]
struct RawEnvelope {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<RawSignature>,
}

#[derive(Serialize, Deserialize)]
struct RawSignature {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyid: Option<String>,
    sig: String,
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const EITHER: [GeneralPurpose; 2] = [
        GeneralPurpose::new(&alphabet::STANDARD, LENIENT),
        GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT),
    ];
    EITHER.iter().find_map(|engine| engine.decode(text).ok())
}

/// A statement of today has less than 2 KiB.
pub const MAX_SIZE: usize = 1 << 20;

/// Bounds the work that an unsigned document can cause.
const MAX_SIGNATURES: usize = 64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pae_is_the_specification_s() {
        // The protocol's own example has another type; the layout is `DSSEv1 LEN TYPE LEN BODY`.
        assert_eq!(pae(b"hello world"), b"DSSEv1 28 application/vnd.in-toto+json 11 hello world");
    }

    #[test]
    fn either_alphabet_is_accepted_but_no_mixture() {
        let bytes = [0xfb, 0xff, 0xfe, 0x00];
        for text in ["+//+AA==", "-__-AA==", "-__-AA", "+//+AA"] {
            assert_eq!(decode_base64(text).as_deref(), Some(&bytes[..]), "{text}");
        }
        for text in ["+__+AA==", "+//+A", "+//+AA=== ", "+//+ AA==", "+//+AB=="] {
            assert_eq!(decode_base64(text), None, "{text}");
        }
    }

    #[test]
    fn what_breaks_a_rule_is_refused_by_name() {
        let many = format!(
            r#"{{"payload":"","payloadType":"{PAYLOAD_TYPE}","signatures":[{}]}}"#,
            vec![r#"{"sig":""}"#; 65].join(",")
        );
        for (text, message) in [
            ("", "EOF"),
            ("{", "EOF"),
            ("[]", "expected"),
            (r#"{"payload":"","payloadType":"x","signatures":[]}"#, "holds `x`"),
            (r#"{"payload":"","payload":"","payloadType":"x","signatures":[]}"#, "duplicate key"),
            (r#"{"payloadType":"application/vnd.in-toto+json","signatures":[]}"#, "missing field"),
            (
                r#"{"payload":"*","payloadType":"application/vnd.in-toto+json","signatures":[]}"#,
                "`payload` is not",
            ),
            (
                r#"{"payload":"","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"*"}]}"#,
                "`sig`",
            ),
            (
                r#"{"payload":1,"payloadType":"application/vnd.in-toto+json","signatures":[]}"#,
                "expected a string",
            ),
            (&many, "65 signatures"),
        ] {
            let error = Envelope::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
        assert!(matches!(Envelope::parse(&vec![b' '; MAX_SIZE + 1]), Err(EnvelopeError::TooLarge)));
    }

    fn envelopes() -> impl Strategy<Value = Envelope> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..80);
        let signature = (prop::option::of("[a-z]{1,8}"), bytes());
        (bytes(), prop::collection::vec(signature, 0..4)).prop_map(|(payload, signatures)| {
            let signature = |(key_id, bytes)| Signature { key_id, bytes };
            Envelope::new(payload, signatures.into_iter().map(signature).collect())
        })
    }

    proptest! {
        #[test]
        fn writing_and_parsing_is_identity(envelope in envelopes()) {
            prop_assert_eq!(Envelope::parse(&envelope.to_json()).unwrap(), envelope);
        }

        #[test]
        fn a_mutated_envelope_never_panics(envelope in envelopes(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut json = envelope.to_json();
            let at = at.index(json.len());
            json[at] = byte;
            let _ = Envelope::parse(&json);
            let _ = Envelope::parse(&json[..at]);
        }
    }
}
