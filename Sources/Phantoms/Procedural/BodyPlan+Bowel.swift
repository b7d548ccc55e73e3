/// Colon, small bowel and bladder.
extension BodyPlan {
    mutating func drawColon(on canvas: inout BodyCanvas) {
        let width = Float(1 + random.normal(0, 0.14 * variation))
        let sag = Float(random.uniform(0, 60) * variation)
        let frame: [SIMD4<Float>] = [
            SIMD4(80, 34, -195, 26), SIMD4(98, 20, -150, 27), SIMD4(104, 8, -100, 24), SIMD4(94, 26, -66, 23), SIMD4(62, 74, -62 - 0.4 * sag, 22),
            SIMD4(10, 92, -58 - sag, 22), SIMD4(-44, 88, -44 - 0.7 * sag, 21), SIMD4(-86, 50, 0, 20), SIMD4(-106, 12, 22, 20),
            SIMD4(-112, -8, -30, 17),
            SIMD4(-112, -10, -90, 16), SIMD4(-104, 6, -150, 16), SIMD4(-72, 44, -200, 16), SIMD4(-20, 50, -215, 17), SIMD4(8, 10, -235, 18),
            SIMD4(0, -14, -270, 20), SIMD4(0, -14, -300, 18),
        ]
        let knots = frame.map { knot($0.x, $0.y, $0.z, $0.w * width, spread: 5) }
        let plan = self
        for (n, bead) in Tube(knots).beads(pitch: 4).enumerated() {
            // Haustra: the radius swells and narrows along the way.
            let (swell, _) = sineCosine(Double(n) * 0.75)
            let radius = bead.w * (1 + 0.13 * Float(swell))
            let centre = SIMD3(bead.x, bead.y, bead.z)
            let reach = SIMD3<Float>(repeating: radius)
            canvas.draw(BodyLabel.colon, from: centre - reach, to: centre + reach, .filling) { x in
                let d = x - centre
                return (d * d).sum() <= radius * radius && plan.wall(x) < 0.95 && x.z < plan.diaphragm(x) - 3
            }
        }
    }

    /// Loops that wander through the middle of the abdomen.
    mutating func drawSmallBowel(on canvas: inout BodyCanvas) {
        let plan = self
        let calibre = Float(random.uniform(9.5, 13.5))
        for _ in 0..<random.index(3) + 4 {
            var position = SIMD3(Float(random.uniform(-80, 75)), Float(random.uniform(30, 95)), Float(random.uniform(-210, -30)))
            var path = [SIMD4<Float>]()
            for _ in 0..<12 {
                let radius = calibre * Float(random.uniform(0.8, 1.25))
                path.append(SIMD4(position, radius))
                position += SIMD3(Float(random.normal(0, 26)), Float(random.normal(0, 16)), Float(random.normal(0, 20)))
                position.x = min(85, max(-85, position.x))
                position.y = min(cavityCentre.y + cavityRadii.y - 18, max(24, position.y))
                position.z = min(-28, max(-225, position.z))
            }
            for bead in Tube(path).beads(pitch: 4) {
                let centre = SIMD3(bead.x, bead.y, bead.z)
                let reach = SIMD3<Float>(repeating: bead.w)
                canvas.draw(BodyLabel.smallBowel, from: centre - reach, to: centre + reach, .filling) { x in
                    let d = x - centre
                    return (d * d).sum() <= bead.w * bead.w && plan.wall(x) < 0.92
                }
            }
        }
    }

    mutating func drawBladder(on canvas: inout BodyCanvas) {
        let fill = Float(random.uniform(0.5, 1.15))
        canvas.draw(BodyLabel.bladder, Blob(around(0, 46, -275, 4), SIMD3(46, 36, 34) * fill), .filling)
    }
}
