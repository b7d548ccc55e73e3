/// Lungs, heart, great vessels, esophagus.
extension BodyPlan {
    mutating func drawChest(on canvas: inout BodyCanvas) {
        let plan = self
        for side: Float in [-1, 1] {
            let from = SIMD3<Float>(side > 0 ? 0 : -165, -110, -40)
            let to = SIMD3<Float>(side > 0 ? 165 : 0, 150, 235)
            canvas.draw(side > 0 ? BodyLabel.rightLung : BodyLabel.leftLung, from: from, to: to, .filling) { x in
                guard x.z > plan.diaphragm(x) + 3 else { return false }
                let taper = 1 - 0.0016 * max(0, x.z - 120)
                guard plan.wall(x) < 0.9 * taper * taper else { return false }
                return abs(x.x) > 24 + (x.y > 30 ? 0.1 * (x.y - 30) : 0.05 * (30 - x.y))
            }
        }
        let heart = Blob(around(-24, 58, 132, 5), SIMD3(62, 44, 40), angles: SIMD3(0, 0.35, 0.5))
        canvas.draw(BodyLabel.heart, from: SIMD3(-120, -20, 60), to: SIMD3(80, 140, 200)) { x in
            heart.contains(x) && x.z > plan.diaphragm(x) + 2 && plan.wall(x) < 0.86
        }
    }

    mutating func drawGreatVessels(on canvas: inout BodyCanvas) {
        let bore = 1 + Float(random.normal(0, 0.12 * variation))
        let descending = [
            knot(-26, -14, 245, 13 * bore), knot(-24, spineY(160) + 6, 160, 12.5 * bore), knot(-14, spineY(90) + 11, 95, 11.5 * bore),
            knot(-8, spineY(30) + 12, 40, 11 * bore), knot(-7, 14, -30, 9.5 * bore), knot(-6, spineY(-100) + 12, -104, 8.5 * bore),
        ]
        canvas.draw(BodyLabel.aorta, Tube(descending))
        let fork = descending[descending.count - 1]
        for side: Float in [-1, 1] {
            let path = [
                SIMD4(SIMD3(fork.x, fork.y, fork.z) + SIMD3(side * 5, 0, -7), 6), knot(side * 28, 8, -160, 5.5), knot(side * 55, 22, -215, 5),
                knot(side * 82, 55, -285, 4.5),
            ]
            canvas.draw(side > 0 ? BodyLabel.rightIliacArtery : BodyLabel.leftIliacArtery, Tube(path))
            let vein = [
                knot(side > 0 ? 17 : 9, 9, -122, 7), knot(side * 31, -1, -165, 6.5), knot(side * 58, 12, -218, 6), knot(side * 80, 46, -288, 5.5),
            ]
            canvas.draw(side > 0 ? BodyLabel.rightIliacVein : BodyLabel.leftIliacVein, Tube(vein), .filling)
        }
        let width = 1 + Float(random.normal(0, 0.16 * variation))
        let cava = [
            knot(17, spineY(-100) + 9, -118, 9.5 * width), knot(19, 17, -50, 10 * width), knot(20, 12, 10, 10.5 * width),
            knot(24, 10, 60, 11 * width),
            knot(24, 22, 98, 12 * width), knot(18, 36, 124, 13 * width),
        ]
        canvas.draw(BodyLabel.inferiorVenaCava, Tube(cava))
    }

    mutating func drawEsophagus(on canvas: inout BodyCanvas) {
        let bore = 1 + Float(random.normal(0, 0.12 * variation))
        let path = [
            knot(-4, spineY(235) + 16, 235, 8 * bore), knot(-6, 8, 165, 8 * bore), knot(-10, 14, 125, 8.5 * bore), knot(-20, 20, 100, 9 * bore),
            knot(-36, 22, 80, 9.5 * bore),
        ]
        canvas.draw(BodyLabel.esophagus, Tube(path))
    }
}
