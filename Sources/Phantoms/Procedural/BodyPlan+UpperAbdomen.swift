/// Liver, spleen, stomach, pancreas, vessels, kidneys, adrenals.
extension BodyPlan {
    mutating func drawLiver(on canvas: inout BodyCanvas) {
        let plan = self
        let size = liver
        let right = Blob(around(72, 26, 32, 5), SIMD3(72, 92, 88) * size, angles: SIMD3(0.1, 0.12, 0))
        let left = Blob(around(0, 66, 60, 6), SIMD3(76, 36, 33) * size, angles: SIMD3(0, Double(random.uniform(-0.25, 0.1)), 0.15))
        let caudate = Blob(around(22, 26, 50, 3), SIMD3(20, 18, 26) * size)
        let hilum = around(28, 14, 20, 4)
        let normal = SIMD3<Float>(-0.6, -0.2 + Float(random.normal(0, 0.08 * variation)), -0.62)
        canvas.draw(BodyLabel.liver, from: SIMD3(-110, -100, -110), to: SIMD3(165, 150, 150)) { x in
            guard x.z < plan.diaphragm(x) - 2, plan.wall(x) < 0.88 else { return false }
            if left.contains(x) || caudate.contains(x) { return true }
            return right.contains(x) && ((x - hilum) * normal).sum() < 6
        }
    }

    mutating func drawSpleen(on canvas: inout BodyCanvas) {
        let plan = self
        let blob = Blob(around(-94, -20, 46, 5), SIMD3(32, 46, 56) * (1.08 * spleen), angles: SIMD3(-0.35, -0.15, -0.35))
        let dent = Blob(around(-50, 6, 44, 4), SIMD3(28, 34, 42))
        canvas.draw(BodyLabel.spleen, from: SIMD3(-165, -100, -60), to: SIMD3(0, 110, 150)) { x in
            x.z < plan.diaphragm(x) - 2 && plan.wall(x) < 0.88 && blob.contains(x) && !dent.contains(x)
        }
    }

    mutating func drawStomach(on canvas: inout BodyCanvas) {
        let plan = self
        let s = stomach
        let reach = Float(random.uniform(-1, 1) * variation)
        let path = [
            knot(-52, 14, 74, 30 * s, spread: 4), knot(-62, 36, 48, 29 * s, spread: 4), knot(-55, 62, 12 - 10 * reach, 25 * s, spread: 4),
            knot(-26, 74, -14 - 22 * reach, 20 * s), knot(8, 68, -14 - 12 * reach, 16 * s), knot(32, 52, 0, 10),
        ]
        for bead in Tube(path).beads(pitch: 3) {
            let centre = SIMD3(bead.x, bead.y, bead.z)
            let r = SIMD3<Float>(repeating: bead.w)
            canvas.draw(BodyLabel.stomach, from: centre - r, to: centre + r) { x in
                let d = x - centre
                return (d * d).sum() <= bead.w * bead.w && x.z < plan.diaphragm(x) - 2 && plan.wall(x) < 0.88
            }
        }
        let duodenum = [
            knot(32, 52, 0, 11), knot(44, 38, -4, 12), knot(47, 26, -32, 12.5), knot(40, 22, -62, 12.5), knot(8, 24, -72, 11.5),
            knot(-20, 28, -58, 11),
        ]
        canvas.draw(BodyLabel.duodenum, Tube(duodenum), .filling)
    }

    mutating func drawPancreas(on canvas: inout BodyCanvas) {
        let s = 1.16 * pancreas
        let lift = Float(random.normal(0, 7 * variation))
        let path = [
            knot(30, 28, -40, 9 * s), knot(31, 32, -22, 14 * s), knot(18, 36, -6, 12 * s, spread: 2), knot(2, 36, 4, 9.5 * s, spread: 2),
            knot(-24, 30, 10 + lift, 10 * s), knot(-50, 12, 18 + lift, 10 * s), knot(-74, -4, 28 + lift, 9 * s),
        ]
        canvas.draw(BodyLabel.pancreas, Tube(path))
        let splenic = path.dropFirst(3).map { SIMD4($0.x, $0.y - $0.w * 0.75, $0.z + 3, 4.6) }
        let confluence = SIMD4<Float>(10, path[3].y - 9, path[3].z - 4, 6.5)
        let calibre = 1 + Float(random.normal(0, 0.12 * variation))
        let portal = [
            knot(13, 30, -32, 5.5 * calibre), confluence, knot(24, 27, 22, 7 * calibre), knot(38, 30, 40, 7 * calibre), knot(58, 34, 46, 5),
        ]
        canvas.draw(BodyLabel.portalVein, Tube(portal))
        canvas.draw(BodyLabel.portalVein, Tube([confluence] + splenic))
    }

    mutating func drawKidneys(on canvas: inout BodyCanvas) {
        for side: Float in [-1, 1] {
            let size = kidney * (1 + Float(random.normal(0, 0.05 * variation)))
            let centre = side > 0 ? around(61, -25, -36, 5) : around(-61, -25, -18, 5)
            let tilt = SIMD3(-0.22, Double(side) * 0.2, Double(side) * -0.5)
            let blob = Blob(centre, SIMD3(24.5, 26, 51.5) * size, angles: tilt)
            let hilum = Blob(centre + SIMD3(-side * 20, 14, 0) * size, SIMD3(15, 13, 19) * size, angles: tilt)
            let reach = SIMD3<Float>(repeating: 70)
            // Perirenal fat keeps neighbours off.
            let capsule = Blob(centre, SIMD3(24.5, 26, 51.5) * size + 5, angles: tilt)
            canvas.draw(0, from: centre - reach, to: centre + reach) { capsule.contains($0) }
            canvas.draw(side > 0 ? BodyLabel.rightKidney : BodyLabel.leftKidney, from: centre - reach, to: centre + reach) { x in
                blob.contains(x) && !hilum.contains(x)
            }
            let top = centre + SIMD3(-side * 24, 16, 52 * size)
            drawAdrenal(side: side, at: top, on: &canvas)
        }
    }

    /// An inverted Y: a body and two thin limbs running backwards.
    private mutating func drawAdrenal(side: Float, at top: SIMD3<Float>, on canvas: inout BodyCanvas) {
        let label = side > 0 ? BodyLabel.rightAdrenal : BodyLabel.leftAdrenal
        let thick = Float(3.1 + random.normal(0, 0.3 * variation))
        let body = top + SIMD3(Float(random.normal(0, 2 * variation)), 4, 2)
        canvas.draw(label, Blob(body, SIMD3(thick, 10, 15), angles: SIMD3(0, 0, Double(side) * 0.35)))
        canvas.draw(label, Blob(body + SIMD3(side * 5, -10, -3), SIMD3(thick, 12, 13), angles: SIMD3(0, 0, Double(side) * 0.65)))
        canvas.draw(label, Blob(body + SIMD3(-side * 3, -11, -3), SIMD3(thick, 11, 12), angles: SIMD3(0, 0, Double(side) * -0.2)))
    }

    mutating func drawGallbladder(on canvas: inout BodyCanvas) {
        let s = gallbladder
        let path = [knot(44, 42, 16, 6 * s), knot(50, 56, 2, 12 * s), knot(56, 70, -16, 14 * s), knot(58, 76, -26, 11 * s)]
        canvas.draw(BodyLabel.gallbladder, Tube(path))
    }
}
