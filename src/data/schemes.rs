//! URL schemes and their ports.

/// The port of a scheme whose servers speak TLS from the first byte.
#[must_use]
pub fn port_of(scheme: &str) -> Option<u16> {
    include_str!("schemes.tsv").lines().filter(|l| !l.starts_with('#')).find_map(|line| {
        let (name, port) = line.split_once('\t')?;
        if name.eq_ignore_ascii_case(scheme) { port.parse().ok() } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::port_of;

    #[test]
    fn schemes_have_ports() {
        assert_eq!(port_of("https"), Some(443));
        assert_eq!(port_of("IMAPS"), Some(993));
        assert_eq!(port_of("http"), None);
        assert_eq!(port_of("scheme"), None);
        let rows = include_str!("schemes.tsv").lines().skip(2);
        assert!(rows.clone().count() > 10);
        assert!(rows.clone().all(|row| row.split_once('\t').is_some_and(|(_, port)| port.parse::<u16>().is_ok())));
    }
}
