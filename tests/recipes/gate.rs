//! The deploy gate: a server that comes up late, one that never does, one that has the wrong certificate.

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use crate::driver::Output;
use crate::lab::{Lab, repository, run};
use crate::support::{Config, TlsServer};

fn gate(lab: &Lab, args: &[&str]) -> Output {
    run(lab.command(&repository("examples/deploy-gate.sh"), lab.pki.scratch.path()).args(args))
}

pub fn waits(lab: &Lab) -> String {
    let place = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let right = lab.pki.issue("DNS:www.example.test");
    let later = thread::spawn(move || {
        thread::sleep(Duration::from_millis(900));
        TlsServer::start(Config::new(&right).address(&place.to_string()))
    });
    let passed = gate(lab, &["30s", &format!("www.example.test@{place}")]).exits(0);
    assert!(passed.elapsed >= Duration::from_millis(900), "{passed:?}");
    drop(later.join().unwrap());
    gate(lab, &["1s", &lab.silent("www")]).exits(3);
    gate(lab, &["1s", &lab.wrong("www"), &lab.good("www")]).exits(1);
    gate(lab, &["1s"]).exits(2);
    format!("late: 0 after {:.1} s; never: 3; another's certificate: 1", passed.elapsed.as_secs_f32())
}
