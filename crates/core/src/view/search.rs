//! Search.

use serde::{Deserialize, Serialize};

use super::{ConversationKind, Mark, MessageRole, MessageStatus};

boundary! {
    /// What is searched for.
    pub struct SearchInput {
        /// As typed: words, "phrases", -excluded, filters.
        pub text: String,
        /// Which come first.
        pub order: SearchOrder,
        /// The text is being typed: its last word may be a beginning.
        pub typing: bool,
        /// Only within this conversation, and more hits of it.
        pub conversation_id: Option<String>,
        /// Conversations to leave out at the beginning: those shown already.
        pub skip: u32,
    }

    /// Which hits come first.
    #[derive(Copy, Eq, Hash)]
    pub enum SearchOrder {
        /// Those that match best.
        Best,
        /// The newest.
        Newest,
    }

    /// What was found.
    pub struct SearchView {
        /// Conversations with hits, in the order asked for.
        pub chats: Vec<SearchChat>,
        /// There are more conversations than these.
        pub more: bool,
        /// Messages found; where `exact` is false, at least so many.
        pub hits: u32,
        /// Conversations they lie in.
        pub chat_count: u32,
        /// Everything was counted.
        pub exact: bool,
        /// They are ordered by how well they match; false where there were too many to tell.
        pub ranked: bool,
        /// How long it took.
        pub took_ms: u32,
        /// The filters that were understood, as typed.
        pub filters: Vec<String>,
        /// How the hits spread; absent where there are too many to count.
        pub facets: Option<SearchFacets>,
        /// With no hit: the filter that removed most.
        pub culprit: Option<SearchCulprit>,
        /// Older messages are still being indexed.
        pub indexing: Option<SearchProgress>,
        /// A newer search ended this one.
        pub superseded: bool,
    }

    /// A conversation with hits.
    pub struct SearchChat {
        /// Its id.
        pub id: String,
        /// What it is.
        pub kind: ConversationKind,
        /// Its title.
        pub title: Vec<SearchPiece>,
        /// Last change.
        pub updated_at: f64,
        /// It is in the archive.
        pub archived: bool,
        /// It is in the trash.
        pub trashed: bool,
        /// Messages found in it.
        pub hit_count: u32,
        /// The first of them.
        pub hits: Vec<SearchHit>,
    }

    /// A message that was found.
    pub struct SearchHit {
        /// Its id.
        pub message_id: String,
        /// Who speaks.
        pub role: MessageRole,
        /// Where it stands.
        pub status: MessageStatus,
        /// When it was begun.
        pub at: f64,
        /// The model that answered.
        pub model: Option<String>,
        /// The name of its provider.
        pub provider: Option<String>,
        /// How that is drawn.
        pub mark: Option<Mark>,
        /// Its category.
        pub category: Option<String>,
        /// The piece of the text where it was found.
        pub snippet: Vec<SearchPiece>,
    }

    /// A piece of text.
    pub struct SearchPiece {
        /// As it is written.
        pub text: String,
        /// It was searched for.
        pub hit: bool,
    }

    /// How hits spread.
    pub struct SearchFacets {
        /// Written by the person.
        pub you: u32,
        /// By provider, most first.
        pub providers: Vec<SearchProvider>,
        /// With code.
        pub code: u32,
        /// With an image.
        pub image: u32,
        /// With a file.
        pub attachment: u32,
        /// Failed or cut off.
        pub failed: u32,
    }

    /// Hits of one provider.
    pub struct SearchProvider {
        /// Its name.
        pub name: String,
        /// How it is drawn.
        pub mark: Mark,
        /// Its category.
        pub category: String,
        /// Messages found.
        pub count: u32,
    }

    /// A filter without which there would be hits.
    pub struct SearchCulprit {
        /// As typed.
        pub filter: String,
        /// Messages found without it; where `exact` is false, at least so many.
        pub hits: u32,
        /// Everything was counted.
        pub exact: bool,
    }

    /// How far the index has come.
    pub struct SearchProgress {
        /// Messages indexed.
        pub done: u32,
        /// Of these many.
        pub total: u32,
    }
}
