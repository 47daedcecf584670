//! Signing in at a vendor's page.

mod pending;

pub(super) use pending::Pending;
use pending::Waiting;

use parlance_providers::{
    CancellationToken, Category, ProviderError, Secret,
    credential::Identity,
    device::DeviceCode,
    transport::{DeviceSignIn, SignedIn},
};

use super::App;
use crate::{
    error::Error,
    registry::{GivenKey, tables::ProviderRow},
    secrets::SecretError,
    view::{KeyInput, KeyPlace, SignInEnd, SignInView, VaultState},
};

impl App {
    /// Begins a sign-in for an account: the vendor is asked for a code. An account has one at a time; a new one ends
    /// the one before.
    ///
    /// # Errors
    /// [`Error::Invalid`] with `no_sign_in` where the vendor knows none; [`Error::Secret`] where the vault is wanted and
    /// not open; what kept the vendor from being asked; `not_found`.
    pub async fn begin_sign_in(&self, account_id: &str, place: KeyPlace) -> Result<SignInView, Error> {
        let (account, row) = self.account(account_id).await?;
        let registry = &self.inner.registry;
        let vendor = registry.vendor_at(&row.vendor, &row.base_url)?;
        if vendor.sign_in.is_none() {
            return Err(Error::invalid("accountId", "no_sign_in"));
        }
        // It is said before a person goes to the vendor's page for nothing.
        if place == KeyPlace::Vault && registry.vault_state() != VaultState::Open {
            return Err(SecretError::Locked.into());
        }
        let sign_in = DeviceSignIn::new(&vendor, &registry.endpoint(&row).await?)?;
        let code = sign_in.begin().await?;
        let good_for = i64::try_from(code.good_for.as_millis()).unwrap_or(i64::MAX);
        let expires_at = self.inner.clock.now_ms().saturating_add(good_for);
        let (id, cancel, tell) = self.inner.sign_ins.begin(account.id);
        if self.inner.is_closing() {
            cancel.cancel();
        }
        let view = SignInView {
            id: id.clone(),
            user_code: code.user_code.clone(),
            page: code.page.clone(),
            expires_at: expires_at as f64,
        };
        let this = self.clone();
        self.inner.tasks.spawn(async move {
            let end = this.signed_in(account.id, row, place, &sign_in, &code, &cancel).await;
            this.inner.sign_ins.ended(&id);
            // Nobody waits any more where the page is gone; the token is kept all the same.
            let _gone = tell.send(end);
        });
        Ok(view)
    }

    /// Waits until the person has signed in, declined, or the code is no longer good. What was obtained is kept before
    /// this returns.
    ///
    /// # Errors
    /// What the vendor said, or why its token could not be kept; `not_found`, also for one whose end was told already.
    pub async fn await_sign_in(&self, id: &str) -> Result<SignInEnd, Error> {
        let Waiting(told) = self.inner.sign_ins.wait(id).ok_or(Error::invalid("id", "not_found"))?;
        // A task that is gone without a word was ended with the app.
        told.await.unwrap_or(Ok(SignInEnd::Cancelled))
    }

    /// Ends a sign-in: who waits for it hears `Cancelled`. One that has ended is left as it is.
    pub fn cancel_sign_in(&self, id: &str) {
        self.inner.sign_ins.cancel(id);
    }

    async fn signed_in(
        &self,
        account_id: i64,
        row: ProviderRow,
        place: KeyPlace,
        sign_in: &DeviceSignIn,
        code: &DeviceCode,
        cancel: &CancellationToken,
    ) -> Result<SignInEnd, Error> {
        match sign_in.wait(code, cancel).await {
            Err(ProviderError { category: Category::Cancelled, .. }) => Ok(SignInEnd::Cancelled),
            Err(error) => Err(error.into()),
            Ok(SignedIn::Denied) => Ok(SignInEnd::Denied),
            Ok(SignedIn::Expired) => Ok(SignInEnd::Expired),
            Ok(SignedIn::Token(token, identity)) => {
                self.keep_login(account_id, &row, place, &token, identity).await?;
                Ok(SignInEnd::SignedIn { provider: Box::new(self.provider(row.id).await?) })
            }
        }
    }

    /// Keeps a login for the address that the provider had when the sign-in began, which is what the person saw. The
    /// one it replaces is forgotten only then.
    async fn keep_login(
        &self,
        account_id: i64,
        row: &ProviderRow,
        place: KeyPlace,
        token: &Secret,
        identity: Identity,
    ) -> Result<(), Error> {
        let key = token.expose().to_owned();
        let input = match place {
            KeyPlace::Keyring => KeyInput::Keyring { key },
            KeyPlace::Vault => KeyInput::Vault { key },
            KeyPlace::Session => KeyInput::Session { key },
        };
        let given = self.wait_for_person(self.inner.registry.keep(row, input)).await?;
        self.replace_key(account_id, GivenKey { identity: Some(identity), ..given }).await
    }
}
