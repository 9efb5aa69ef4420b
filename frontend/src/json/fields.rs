//! The fields of an object, handed over in the order in which their type has them.
//!
//! What serde derives to read fields by their names is several times as large as what it derives to
//! read them in their order, once for each type. Here one loop looks for all names of all types.
//! Servers write fields in this order too, so that it mostly finds the next one at once.

use serde::de::{DeserializeSeed, SeqAccess};

use super::reader::{Place, Reader, Refused, required};

pub(super) struct Fields<'r, 'a> {
    reader: &'r mut Reader<'a>,
    names: std::slice::Iter<'static, &'static str>,
    is_first: bool,
    rest: Option<Rest>,
    /// Where the reader was, while it reads a field that is not there.
    absent_from: Option<Place<'a>>,
}

/// What follows the first field that was not the one that was looked for.
struct Rest {
    /// Where the names are.
    names: Vec<usize>,
    /// Where the object ends.
    end: usize,
}

impl<'r, 'a> Fields<'r, 'a> {
    /// Of an object that the reader has entered.
    pub(super) fn of(reader: &'r mut Reader<'a>, names: &'static [&'static str]) -> Self {
        Self {
            reader,
            names: names.iter(),
            is_first: true,
            rest: None,
            absent_from: None,
        }
    }

    /// Goes behind the object, over fields that nobody asked for.
    #[inline(never)]
    pub(super) fn leave(mut self) -> Result<(), Refused> {
        if let Some(rest) = &self.rest {
            self.reader.text.go_to(rest.end);
        }
        while self.has_next()? {
            self.reader.name()?;
            self.reader.pass()?;
        }
        self.reader.leave(b'}')
    }

    fn has_next(&mut self) -> Result<bool, Refused> {
        let has_next = self.reader.has_next(self.is_first, b'}');
        self.is_first = false;
        has_next
    }

    /// Goes to the value of the next field. One that is not there is read as if it were `null`: an
    /// option is none, and nothing else is read.
    #[inline(never)]
    fn go_to_next(&mut self) -> Result<(), Refused> {
        let is_there = match self.names.next() {
            Some(name) => self.find(name)?,
            None => false,
        };
        if !is_there {
            self.absent_from = Some(self.reader.exchange(Place::of_null()));
        }
        Ok(())
    }

    /// Goes behind a value that was read or not.
    #[inline(never)]
    fn go_on(&mut self, is_read: bool) -> Result<(), Refused> {
        match self.absent_from.take() {
            Some(place) => {
                self.reader.exchange(place);
                Ok(())
            }
            None => required(is_read),
        }
    }

    /// Goes to the value of a field. Returns whether there is one.
    #[inline(never)]
    fn find(&mut self, name: &str) -> Result<bool, Refused> {
        if self.rest.is_none() {
            if !self.has_next()? {
                return Ok(false);
            }
            let place = self.reader.text.place();
            self.reader.name()?;
            if self.reader.text.scratch == name {
                return Ok(true);
            }
            self.rest = Some(self.look_through(place)?);
        }
        for place in self.rest.iter().flat_map(|rest| &rest.names) {
            self.reader.text.go_to(*place);
            self.reader.name()?;
            if self.reader.text.scratch == name {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Passes all fields, of which the name of the first, at `place`, was passed before.
    fn look_through(&mut self, place: usize) -> Result<Rest, Refused> {
        let mut names = vec![place];
        self.reader.pass()?;
        while self.has_next()? {
            names.push(self.reader.text.place());
            self.reader.name()?;
            self.reader.pass()?;
        }
        let end = self.reader.text.place();
        Ok(Rest { names, end })
    }
}

impl<'de> SeqAccess<'de> for &mut Fields<'_, '_> {
    type Error = Refused;

    #[inline(always)]
    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refused> {
        self.go_to_next()?;
        let value = seed.deserialize(&mut *self.reader);
        self.go_on(value.is_ok())?;
        Ok(value.ok())
    }
}
