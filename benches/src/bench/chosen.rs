//! A scenario with its connections, as it is named on the command line.

use crate::scenario::Scenario;

#[derive(Debug, Clone, Copy)]
pub struct Chosen {
    pub scenario: Scenario,
    pub connections: usize,
}

impl Chosen {
    /// `registration`, `registration@32`.
    ///
    /// # Errors
    /// When there is no such scenario.
    pub fn parse(text: &str) -> Result<Chosen, String> {
        let (name, connections) = match text.split_once('@') {
            Some((name, connections)) => (name, Some(connections)),
            None => (text, None),
        };
        let names = || Scenario::ALL.map(Scenario::name).join(", ");
        let scenario = Scenario::parse(name)
            .ok_or_else(|| format!("there is no scenario `{name}`, but {}", names()))?;
        let connections = match connections {
            Some(connections) => connections
                .parse()
                .map_err(|_| format!("`{connections}` is not a number of connections"))?,
            None => scenario.connections(),
        };
        Ok(Chosen {
            scenario,
            connections,
        })
    }

    pub fn name(&self) -> String {
        let name = self.scenario.name();
        match self.connections == self.scenario.connections() {
            true => name,
            false => format!("{name}@{}", self.connections),
        }
    }
}
