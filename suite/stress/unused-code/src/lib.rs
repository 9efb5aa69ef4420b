//! Stresses **lints and warnings**: the search for code that nobody uses, the analysis of variables
//! that are never read, and the writing of the warnings.
//!
//! Private functions that call each other and are never called from outside, imports, variables,
//! assignments, `mut`s and parentheses that nobody needs: almost every line gives a warning. A
//! change of this benchmark is a change of the lint passes, of liveness or of diagnostics.
#![warn(unused, unreachable_pub, unused_qualifications)]

/// Makes a module in which nothing is used but one function.
macro_rules! neglected {
    ($($module:ident $Record:ident $Choice:ident $Wish:ident $end:ident $start:ident $left:ident
        $written:ident $LIMIT:ident;)*) => {
        $(
            /// A module in which hardly anything is used.
            pub mod $module {
                use std::collections::{BTreeMap, BTreeSet, HashMap};
                use std::fmt::{Debug, Display};

                struct $Record {
                    never: u64,
                    read: String,
                }

                enum $Choice {
                    Taken,
                    Never(u8),
                    NorThis { field: u8 },
                }

                trait $Wish {
                    fn wanted(&self) -> u8;
                    fn unwanted(&self) -> u8 {
                        let unused = self.wanted();
                        7
                    }
                }

                impl $Wish for $Record {
                    fn wanted(&self) -> u8 {
                        $end(u64::from(std::u8::MAX)) as u8
                    }
                }

                const $LIMIT: u64 = 3;
                static UNASKED: u64 = $LIMIT;

                fn $end(mut number: u64) -> u64 {
                    let mut unchanged = (number + 1);
                    let $written = 0;
                    number = 2;
                    number = unchanged;
                    if (number > 3) {
                        return $start(number);
                        number = 5;
                    }
                    let _ = $written;
                    number
                }

                fn $start(number: u64) -> u64 {
                    let ($left, right) = (number, 1);
                    let closure = |unread: u64| number;
                    match number {
                        0 => 1,
                        whatever => closure(2),
                        _ => $end(right),
                    }
                }

                pub(crate) fn internal(choice: $Choice) -> u8 {
                    match choice {
                        $Choice::Taken => 1,
                        $Choice::Never(number) => 2,
                        $Choice::NorThis { field } => 3,
                    }
                }

                /// The only function that can be called.
                pub fn called(number: u64) -> u64 {
                    let forgotten = $Record { never: number, read: String::new() };
                    for index in 0..number {
                        std::vec::Vec::<u64>::new().len();
                        forgotten.read.len() == 0;
                    }
                    number
                }
            }
        )*
    };
}

neglected! {
    alpha AlphaRecord AlphaChoice AlphaWish alpha_end alpha_start alpha_left alpha_written ALPHA;
    beta BetaRecord BetaChoice BetaWish beta_end beta_start beta_left beta_written BETA;
    gamma GammaRecord GammaChoice GammaWish gamma_end gamma_start gamma_left gamma_written GAMMA;
    delta DeltaRecord DeltaChoice DeltaWish delta_end delta_start delta_left delta_written DELTA;
    epsilon EpsilonRecord EpsilonChoice EpsilonWish epsilon_end epsilon_start epsilon_left epsilon_written EPSILON;
    zeta ZetaRecord ZetaChoice ZetaWish zeta_end zeta_start zeta_left zeta_written ZETA;
    eta EtaRecord EtaChoice EtaWish eta_end eta_start eta_left eta_written ETA;
    theta ThetaRecord ThetaChoice ThetaWish theta_end theta_start theta_left theta_written THETA;
    iota IotaRecord IotaChoice IotaWish iota_end iota_start iota_left iota_written IOTA;
    kappa KappaRecord KappaChoice KappaWish kappa_end kappa_start kappa_left kappa_written KAPPA;
    lambda LambdaRecord LambdaChoice LambdaWish lambda_end lambda_start lambda_left lambda_written LAMBDA;
    mu MuRecord MuChoice MuWish mu_end mu_start mu_left mu_written MU;
    nu NuRecord NuChoice NuWish nu_end nu_start nu_left nu_written NU;
    xi XiRecord XiChoice XiWish xi_end xi_start xi_left xi_written XI;
    omicron OmicronRecord OmicronChoice OmicronWish omicron_end omicron_start omicron_left omicron_written OMICRON;
    pi PiRecord PiChoice PiWish pi_end pi_start pi_left pi_written PI;
    rho RhoRecord RhoChoice RhoWish rho_end rho_start rho_left rho_written RHO;
    sigma SigmaRecord SigmaChoice SigmaWish sigma_end sigma_start sigma_left sigma_written SIGMA;
    tau TauRecord TauChoice TauWish tau_end tau_start tau_left tau_written TAU;
    upsilon UpsilonRecord UpsilonChoice UpsilonWish upsilon_end upsilon_start upsilon_left upsilon_written UPSILON;
    phi PhiRecord PhiChoice PhiWish phi_end phi_start phi_left phi_written PHI;
    chi ChiRecord ChiChoice ChiWish chi_end chi_start chi_left chi_written CHI;
    psi PsiRecord PsiChoice PsiWish psi_end psi_start psi_left psi_written PSI;
    omega OmegaRecord OmegaChoice OmegaWish omega_end omega_start omega_left omega_written OMEGA;
    north NorthRecord NorthChoice NorthWish north_end north_start north_left north_written NORTH;
    east EastRecord EastChoice EastWish east_end east_start east_left east_written EAST;
    south SouthRecord SouthChoice SouthWish south_end south_start south_left south_written SOUTH;
    west WestRecord WestChoice WestWish west_end west_start west_left west_written WEST;
    spring SpringRecord SpringChoice SpringWish spring_end spring_start spring_left spring_written SPRING;
    summer SummerRecord SummerChoice SummerWish summer_end summer_start summer_left summer_written SUMMER;
    autumn AutumnRecord AutumnChoice AutumnWish autumn_end autumn_start autumn_left autumn_written AUTUMN;
    winter WinterRecord WinterChoice WinterWish winter_end winter_start winter_left winter_written WINTER;
}
