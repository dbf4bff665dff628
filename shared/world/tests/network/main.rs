//! Shows that the network in memory reads, answers, obeys and refuses as it says.

#[cfg(test)]
mod acts;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod applying;
#[cfg(test)]
mod gateways;
#[cfg(test)]
mod packets;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod switches;
