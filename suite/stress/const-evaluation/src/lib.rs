//! Stresses **constant evaluation**: the interpreter that runs `const fn` while compiling.
//!
//! A sieve, a matrix power, a checksum table and a small virtual machine are all run to their end
//! before the crate is compiled. What is left at run time is their results, so a change of this
//! benchmark is a change of the interpreter or of its memory.
#![allow(long_running_const_eval)]

const SIEVE_LENGTH: usize = 8_000;

const fn sieve() -> [bool; SIEVE_LENGTH] {
    let mut composite = [false; SIEVE_LENGTH];
    composite[0] = true;
    composite[1] = true;
    let mut number = 2;
    while number * number < SIEVE_LENGTH {
        if !composite[number] {
            let mut multiple = number * number;
            while multiple < SIEVE_LENGTH {
                composite[multiple] = true;
                multiple += number;
            }
        }
        number += 1;
    }
    composite
}

static COMPOSITE: [bool; SIEVE_LENGTH] = sieve();

/// How many primes the sieve holds.
pub const PRIME_COUNT: usize = {
    let composite = sieve();
    let mut count = 0;
    let mut number = 0;
    while number < SIEVE_LENGTH {
        if !composite[number] {
            count += 1;
        }
        number += 1;
    }
    count
};

/// Whether a small number is a prime.
pub fn is_prime(number: usize) -> Option<bool> {
    COMPOSITE.get(number).map(|composite| !composite)
}

const SIZE: usize = 12;

/// A square matrix of numbers that wrap around.
pub type Matrix = [[u64; SIZE]; SIZE];

const fn multiply(left: &Matrix, right: &Matrix) -> Matrix {
    let mut product = [[0; SIZE]; SIZE];
    let mut row = 0;
    while row < SIZE {
        let mut column = 0;
        while column < SIZE {
            let mut inner = 0;
            while inner < SIZE {
                product[row][column] = left[row][inner]
                    .wrapping_mul(right[inner][column])
                    .wrapping_add(product[row][column]);
                inner += 1;
            }
            column += 1;
        }
        row += 1;
    }
    product
}

const fn power(matrix: Matrix, exponent: u32) -> Matrix {
    let mut result = matrix;
    let mut step = 1;
    while step < exponent {
        result = multiply(&result, &matrix);
        step += 1;
    }
    result
}

/// The twenty-fifth power of a matrix that counts up.
pub static POWER: Matrix = {
    let mut matrix = [[0; SIZE]; SIZE];
    let mut cell = 0;
    while cell < SIZE * SIZE {
        matrix[cell / SIZE][cell % SIZE] = cell as u64 + 1;
        cell += 1;
    }
    power(matrix, 25)
};

const fn checksum_table(polynomial: u32) -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut remainder = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            remainder = if remainder & 1 == 1 {
                (remainder >> 1) ^ polynomial
            } else {
                remainder >> 1
            };
            bit += 1;
        }
        table[byte] = remainder;
        byte += 1;
    }
    table
}

/// The tables of several polynomials.
pub static CHECKSUM_TABLES: [[u32; 256]; 8] = [
    checksum_table(0xedb8_8320),
    checksum_table(0x82f6_3b78),
    checksum_table(0xeb31_d82e),
    checksum_table(0xd582_8281),
    checksum_table(0x992c_1a4c),
    checksum_table(0xba0d_c66b),
    checksum_table(0x8da1_65e4),
    checksum_table(0xa833_982b),
];

/// An order of the virtual machine.
#[derive(Clone, Copy)]
pub enum Order {
    /// Adds a register to another.
    Add(usize, usize),
    /// Shifts and mixes a register.
    Mix(usize),
    /// Subtracts one from a register and jumps back by so many orders unless it became zero.
    Loop(usize, usize),
}

const PROGRAM: [Order; 6] = [
    Order::Add(0, 1),
    Order::Mix(0),
    Order::Add(1, 2),
    Order::Mix(2),
    Order::Add(2, 0),
    Order::Loop(3, 5),
];

const fn run(program: &[Order], mut registers: [u64; 4]) -> [u64; 4] {
    let mut position = 0;
    while position < program.len() {
        match program[position] {
            Order::Add(to, from) => registers[to] = registers[to].wrapping_add(registers[from]),
            Order::Mix(at) => {
                registers[at] = registers[at].rotate_left(13) ^ (registers[at] >> 7);
            }
            Order::Loop(counter, back) => {
                registers[counter] -= 1;
                if registers[counter] > 0 {
                    position -= back;
                    continue;
                }
            }
        }
        position += 1;
    }
    registers
}

/// The machine's registers after thirty thousand orders.
pub const REGISTERS: [u64; 4] = run(&PROGRAM, [1, 2, 3, 5_000]);

/// A table for each width, so that generic constants are evaluated once for each of them.
pub struct Table<const WIDTH: usize>;

impl<const WIDTH: usize> Table<WIDTH> {
    /// Triangle numbers up to the width.
    pub const TRIANGLES: [usize; WIDTH] = {
        let mut table = [0; WIDTH];
        let mut index = 0;
        while index < WIDTH {
            let mut summand = 0;
            while summand <= index {
                table[index] += summand;
                summand += 1;
            }
            index += 1;
        }
        table
    };
}

/// The last triangle number of many tables.
pub fn last_triangles() -> [usize; 8] {
    [
        Table::<100>::TRIANGLES[99],
        Table::<120>::TRIANGLES[119],
        Table::<140>::TRIANGLES[139],
        Table::<160>::TRIANGLES[159],
        Table::<180>::TRIANGLES[179],
        Table::<200>::TRIANGLES[199],
        Table::<220>::TRIANGLES[219],
        Table::<240>::TRIANGLES[239],
    ]
}
