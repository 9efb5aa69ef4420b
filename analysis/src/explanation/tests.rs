mod planted;
mod queries;
mod rules;
mod suite;
