//! An echo over TLS, with a certificate made when the program starts.

use std::io;
use std::sync::Arc;

use futures_rustls::rustls::crypto::{CryptoProvider, ring};
use futures_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use futures_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use futures_rustls::{TlsAcceptor, TlsConnector};
use sinew::io::{AsyncWriteExt, copy, split};
use sinew::net::{TcpListener, TcpStream};

/// The name in the certificate.
pub const NAME: &str = "localhost";

/// A certificate for [`NAME`] that is its own authority, and its key.
#[derive(Debug)]
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

impl Identity {
    /// A new one.
    ///
    /// # Errors
    ///
    /// When there is no randomness for a key.
    pub fn generate() -> io::Result<Self> {
        let made =
            rcgen::generate_simple_self_signed([NAME.to_owned()]).map_err(io::Error::other)?;
        let key = made.signing_key.serialize_der();
        Ok(Self {
            certificate: made.cert.der().clone(),
            key: PrivateKeyDer::Pkcs8(key.into()),
        })
    }

    /// Who accepts connections in this name.
    ///
    /// # Errors
    ///
    /// When the key does not fit the certificate.
    pub fn acceptor(&self) -> io::Result<TlsAcceptor> {
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], self.key.clone_key())
            .map_err(io::Error::other)?;
        Ok(Arc::new(config).into())
    }

    /// Who connects and trusts this certificate, and no other.
    ///
    /// # Errors
    ///
    /// When the certificate is no good.
    pub fn connector(&self) -> io::Result<TlsConnector> {
        let mut roots = RootCertStore::empty();
        roots
            .add(self.certificate.clone())
            .map_err(io::Error::other)?;
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::new(config).into())
    }
}

/// Sends back what comes, to whoever comes.
///
/// # Errors
///
/// None now; the signature is that of servers which have some.
pub async fn serve(listener: TcpListener, acceptor: TlsAcceptor) -> io::Result<()> {
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                eprintln!("accept: {error}");
                continue;
            }
        };
        let acceptor = acceptor.clone();
        sinew::spawn(async move {
            if let Err(error) = echo(stream, acceptor).await {
                eprintln!("{address}: {error}");
            }
        });
    }
}

async fn echo(stream: TcpStream, acceptor: TlsAcceptor) -> io::Result<()> {
    let stream = acceptor.accept(stream).await?;
    let (mut reader, mut writer) = split(stream);
    copy(&mut reader, &mut writer).await?;
    // Says goodbye, so that the other side can tell the end from a cut.
    writer.shutdown().await
}
