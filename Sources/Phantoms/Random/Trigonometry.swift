import Foundation

/// The sine and cosine of an angle in radians.
func sineCosine(_ angle: Double) -> (sine: Double, cosine: Double) { (sin(angle), cos(angle)) }

/// The exponential function.
func exponential(_ x: Double) -> Double { exp(x) }
