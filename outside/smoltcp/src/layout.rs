//! Who is there, and what happens to them from outside.

use smoltcp::wire::IpEndpoint;
use tiebreak::net::{Network, NodeId};
use tiebreak::{Instant, Span};

use crate::host::{Role, address};
use crate::scene::Scene;
use crate::world::Machine;

/// What the hosts of a group are called; the first is the server.
pub const NAMES: &[&str] = &["server", "a", "b", "c"];
/// What those of another group are called, which has nothing to do with the first.
pub const OTHER_NAMES: &[&str] = &["other-server", "x", "y", "z"];

const PORT: u16 = 80;
/// The port from which the first clients connect to each other, and at which they are connected to.
const MEETING: u16 = 7000;
/// The network of a scene, and of another group beside it if there are more names.
pub fn network(scene: &Scene, groups: &[&'static [&'static str]]) -> Network<Machine> {
    let mut network = Network::new(scene.link);
    for group in groups {
        let nodes: Vec<NodeId> = (0..=usize::try_from(scene.clients).expect("few"))
            .map(|place| network.add(group[place], Machine::new(*scene, group, place, roles(scene, place))))
            .collect();
        let [server, first, ..] = nodes[..] else { panic!("a scene has a client at least") };
        if scene.splits {
            network.partition(
                Instant::from_secs(1),
                format!("{}-off", group[1]),
                [&[server], &[first]],
                Span::from_secs(3),
            );
        }
        if scene.crashes {
            network.crash(Instant::from_secs(2), first, Span::from_secs(1));
        }
    }
    network
}

/// The sockets of a host: the server's listen, those of a client connect to it, and perhaps one to another client.
fn roles(scene: &Scene, place: usize) -> Vec<Role> {
    if place == 0 {
        return (0..scene.backlog).map(|_| Role::Listens { port: PORT }).collect();
    }
    let server = IpEndpoint::new(address(1), PORT);
    let mut roles: Vec<Role> =
        (0..scene.ends).map(|end| Role::Connects { port: 5000 + end, to: server }).collect();
    if scene.meets && (1..=2).contains(&place) {
        let other = u8::try_from(4 - place).expect("hosts are few");
        roles.push(Role::Connects { port: MEETING, to: IpEndpoint::new(address(other), MEETING) });
    }
    roles
}
