//! The sessions that a saboteur keeps.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use session_core::{Key, Object, tell_evicted};

use crate::reference::Sessions;

/// The sessions of one namespace, behind a lock. A clone is a handle to the same ones.
#[derive(Clone, Default)]
pub(crate) struct World {
    sessions: Arc<Mutex<Sessions>>,
    parts: Arc<Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>>,
    kin: Kin,
    /// Which opening of the namespace this is: the first one is 0.
    pub(crate) opening: usize,
}

/// The sessions of all namespaces that one case has opened, each behind its lock.
pub(crate) type Kin = Arc<Mutex<Vec<Arc<Mutex<Sessions>>>>>;

impl World {
    /// Returns an empty one beside the others of its case.
    pub(crate) fn among(kin: &Kin) -> Self {
        let world = Self { kin: Arc::clone(kin), ..Self::default() };
        kin.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&world.sessions));
        world
    }

    /// Does something in each namespace of the case, one after the other.
    pub(crate) fn each_kin(&self, work: impl Fn(&mut Sessions)) {
        let kin = self.kin.lock().unwrap_or_else(PoisonError::into_inner).clone();
        kin.iter().for_each(|sessions| work(&mut sessions.lock().unwrap_or_else(PoisonError::into_inner)));
    }

    /// Returns what is in the namespaces of the case, this one among them.
    pub(crate) fn of_all_kin(&self) -> Vec<Sessions> {
        let kin = self.kin.lock().unwrap_or_else(PoisonError::into_inner).clone();
        kin.iter().map(|sessions| sessions.lock().unwrap_or_else(PoisonError::into_inner).clone()).collect()
    }

    /// Returns the namespace that was opened first of all of its case.
    pub(crate) fn eldest(&self) -> Arc<Mutex<Sessions>> {
        let kin = self.kin.lock().unwrap_or_else(PoisonError::into_inner);
        kin.first().map_or_else(|| Arc::clone(&self.sessions), Arc::clone)
    }

    /// Returns the same sessions as another opening finds them.
    pub(crate) fn opened_again(&self) -> Self {
        Self { opening: self.opening + 1, ..self.clone() }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what a flaw keeps beside the sessions, such as a cache: one of each type.
    pub(crate) fn part<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let part = Arc::clone(parts.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())));
        part.downcast().unwrap_or_default()
    }

    /// Does something under the lock, and drops the objects of ended sessions and tells of the evicted outside of it.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Sessions) -> T) -> T {
        let (done, mut gone) = self.write(work);
        gone.leave();
        done
    }

    /// Does something under the lock, and returns who is gone.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&mut Sessions) -> T) -> (T, Gone) {
        let mut sessions = self.lock();
        let done = work(&mut sessions);
        let (objects, evicted) = (mem::take(&mut sessions.gone), mem::take(&mut sessions.evicted));
        (done, Gone { objects, evicted })
    }
}

/// What a write has left to do outside of the lock.
pub(crate) struct Gone {
    objects: Vec<Object>,
    evicted: Vec<Key>,
}

impl Gone {
    /// Drops the objects of ended sessions.
    pub(crate) fn drop_objects(&mut self) {
        self.objects.clear();
    }

    /// Tells who was evicted.
    pub(crate) fn tell(&mut self) {
        self.evicted.drain(..).for_each(|key| tell_evicted(&key));
    }

    /// Does both.
    pub(crate) fn leave(&mut self) {
        self.drop_objects();
        self.tell();
    }
}
