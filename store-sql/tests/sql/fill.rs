//! Many rows at once, by hand.

use store_sql::Dialect;

use crate::place::Place;

/// Sessions that were used at 1, at 2, and so on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fill {
    pub(crate) count: u32,
    pub(crate) owned: bool,
    pub(crate) expires_at: i64,
}

pub(crate) const FILL: Fill = Fill { count: 0, owned: false, expires_at: 1_000 };

impl Place {
    /// Inserts sessions that nothing else inserts: their keys tell whether they have an owner, and when they expire.
    pub(crate) async fn fill(&self, Fill { count, owned, expires_at }: Fill) {
        let owned = u8::from(owned);
        let prefix = format!("f{owned}{expires_at:04}");
        let (numbers, key) = match self.dialect {
            Dialect::Postgres => (
                format!("select n from generate_series(1, {count}) as n"),
                format!("'{prefix}' || lpad(n::text, 26, '0')"),
            ),
            other => (
                format!(
                    "with recursive r as (select 1 as n union all select n + 1 from r where n < {count}) \
                     select n from r"
                ),
                if other == Dialect::Sqlite {
                    format!("printf('{prefix}%026d', n)")
                } else {
                    format!("concat('{prefix}', lpad(n, 26, '0'))")
                },
            ),
        };
        let insert = format!(
            "insert into sessions (session_id, data, accessed_at, expires_at, owned, revision) \
             select {key}, 'eA==', n, {expires_at}, {owned}, 1 from ({numbers}) as numbers"
        );
        self.run(&insert).await;
    }
}
