//! How the suite opens a saboteur.

use std::{
    collections::HashMap,
    io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use session_core::{Key, Result, Store};

use super::{
    flaw::{Flaw, Sabotaged},
    world::{Kin, World},
};
use crate::{
    backend::{Medium, Opener},
    capabilities::Capabilities,
    case::BoxFuture,
    exception::Exception,
    namespace::Namespace,
};

/// Opens stores with one flaw. What they keep outlives them, so that they can be opened again.
pub(crate) struct Saboteurs {
    name: &'static str,
    flaw: Arc<dyn Flaw>,
    worlds: Mutex<HashMap<Namespace, Arc<World>>>,
    /// What belongs together, by the case that its namespaces are named after.
    kin: Mutex<HashMap<String, Kin>>,
}

impl Saboteurs {
    pub(crate) fn open(name: &'static str, flaw: impl Flaw) -> Arc<dyn Opener> {
        Arc::new(Self { name, flaw: Arc::new(flaw), worlds: Mutex::default(), kin: Mutex::default() })
    }

    fn world(&self, namespace: &Namespace) -> Arc<World> {
        let mut worlds = self.worlds.lock().unwrap_or_else(PoisonError::into_inner);
        let world = match worlds.get(namespace) {
            None => Arc::new(World::among(&self.kin(namespace))),
            Some(last) => {
                let world = last.opened_again();
                self.flaw.reopen(&world);
                Arc::new(world)
            }
        };
        worlds.insert(namespace.clone(), Arc::clone(&world));
        world
    }

    fn kin(&self, namespace: &Namespace) -> Kin {
        let case = namespace.as_str().rsplit_once('_').map_or("", |(case, _)| case);
        let mut kin = self.kin.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(kin.entry(case.to_owned()).or_default())
    }

    fn sabotaged(&self, namespace: &Namespace) -> Arc<Sabotaged> {
        Arc::new(Sabotaged { flaw: Arc::clone(&self.flaw), world: self.world(namespace) })
    }
}

impl Opener for Saboteurs {
    fn name(&self) -> &'static str {
        self.name
    }

    fn caps(&self) -> Capabilities {
        Capabilities::PLAIN.directory().objects().cap().shared().medium()
    }

    fn exceptions(&self) -> &'static [Exception] {
        self.flaw.exceptions()
    }

    fn open<'a>(&'a self, namespace: &'a Namespace) -> BoxFuture<'a, Result<Arc<dyn Store>>> {
        Box::pin(async {
            let store = self.sabotaged(namespace);
            self.flaw.admit(&store.world)?;
            self.flaw.uncap(&store.world);
            Ok(store as Arc<dyn Store>)
        })
    }

    fn open_capped<'a>(
        &'a self,
        namespace: &'a Namespace,
        max: usize,
    ) -> BoxFuture<'a, Result<Arc<dyn Store>>> {
        Box::pin(async move {
            let store = self.sabotaged(namespace);
            self.flaw.cap(&store.world, max);
            Ok(store as Arc<dyn Store>)
        })
    }

    fn folder(&self, _: &Namespace) -> Option<PathBuf> {
        None
    }

    fn medium(&self, namespace: &Namespace) -> Option<Box<dyn Medium>> {
        let worlds = self.worlds.lock().unwrap_or_else(PoisonError::into_inner);
        let world = Arc::clone(worlds.get(namespace)?);
        Some(Box::new(MapMedium { flaw: Arc::clone(&self.flaw), world }))
    }
}

struct MapMedium {
    flaw: Arc<dyn Flaw>,
    world: Arc<World>,
}

impl Medium for MapMedium {
    fn read(&self, key: &Key) -> io::Result<Vec<u8>> {
        self.world.lock().bytes(key).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn write(&self, key: &Key, bytes: &[u8]) -> io::Result<()> {
        self.flaw.damage(&self.world, key, bytes);
        Ok(())
    }
}
