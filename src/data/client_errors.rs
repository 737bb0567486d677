//! How clients word a certificate that is for another name.

/// A row of the table, whose first lines say how a template is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientError {
    /// The client, as a sentence has it.
    pub client: &'static str,
    /// The client's model, where there is one.
    pub id: Option<&'static str>,
    /// What the client calls the error.
    pub identifier: Option<&'static str>,
    /// The URL's scheme for the server, where it is not `https`.
    pub scheme: Option<&'static str>,
    /// The text.
    pub template: &'static str,
    /// What else it means, or does not.
    pub note: Option<&'static str>,
}

/// All rows, in order: of two that fit, the first that tells more is meant.
pub fn all() -> impl Iterator<Item = ClientError> {
    let lines = include_str!("client_errors.tsv").lines().filter(|line| !line.starts_with('#')).skip(1);
    let some = |cell: &'static str| Some(cell).filter(|cell| *cell != "-");
    lines.filter_map(move |line| {
        let mut cells = line.split('\t');
        Some(ClientError {
            client: cells.next()?,
            id: some(cells.next()?),
            identifier: some(cells.next()?),
            scheme: some(cells.next()?),
            template: cells.next()?,
            note: some(cells.next()?),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::by_id;
    use crate::data::schemes;

    #[test]
    fn every_row_is_whole() {
        assert_eq!(all().count(), 131);
        for row in all() {
            assert!(row.scheme.is_none_or(|scheme| schemes::find(scheme).is_some()), "{row:?}");
            assert!(row.id.is_none_or(|id| by_id(id).is_some()), "{row:?}");
        }
    }
}
