/// Spine, ribs, pelvis and the muscles around them.
extension BodyPlan {
    mutating func drawSkeleton(on canvas: inout BodyCanvas) {
        drawBackMuscles(on: &canvas)
        drawPelvis(on: &canvas)
        drawSpine(on: &canvas)
        for n in 5...12 {
            drawRib(n, side: 1, on: &canvas)
            drawRib(n, side: -1, on: &canvas)
        }
        canvas.draw(BodyLabel.sternum, Blob(around(0, cavityCentre.y + cavityRadii.y + 4, 165, 2), SIMD3(18, 7, 75), exponent: 4))
    }

    private mutating func drawSpine(on canvas: inout BodyCanvas) {
        for n in -6...7 {
            let z = Float(n) * (n < 0 ? 34 : 28)
            let label = n <= 0 ? UInt8(Int(BodyLabel.lumbarVertebra) + min(4, -n)) : UInt8(Int(BodyLabel.thoracicVertebra) - min(2, n - 1))
            let scale: Float = n <= 0 ? 1 : 1 - 0.03 * Float(n)
            let y = spineY(z)
            if z > -165 {
                canvas.draw(label, Blob(SIMD3(0, y - 18, z), SIMD3(25 * scale, 19 * scale, n < 0 ? 15.5 : 12.5), exponent: 4))
                canvas.draw(label, Blob(SIMD3(0, y - 62, z - 8), SIMD3(4, 22, 10), exponent: 4))
                canvas.draw(label, Blob(SIMD3(0, y - 44, z - 3), SIMD3(34, 5, 7)))
                for side: Float in [-1, 1] { canvas.draw(label, Blob(SIMD3(18 * side, y - 44, z - 2), SIMD3(7, 10, 9))) }
            }
        }
        canvas.draw(BodyLabel.sacrum, Blob(SIMD3(0, -38, -205), SIMD3(50, 24, 48), angles: SIMD3(0.35, 0, 0)))
        var cord = [SIMD4<Float>]()
        for z in stride(from: Float(240), through: -160, by: -40) { cord.append(SIMD4(0, spineY(z) - 42, z, 8)) }
        canvas.draw(BodyLabel.spinalCord, Tube(cord))
    }

    private mutating func drawBackMuscles(on canvas: inout BodyCanvas) {
        let bulk = 1 + Float(random.normal(0, 0.1 * variation))
        for side: Float in [-1, 1] {
            let back = side > 0 ? BodyLabel.rightBackMuscle : BodyLabel.leftBackMuscle
            for z in stride(from: Float(-240), through: 235, by: 12) {
                let width: Float = z < 60 ? 27 : 20
                let centre = SIMD3(side * 33, spineY(z) - 64, z)
                canvas.draw(back, Blob(centre, SIMD3(width * bulk, (z < 60 ? 20 : 13) * bulk, 14), exponent: 4))
            }
            let psoas = side > 0 ? BodyLabel.rightPsoas : BodyLabel.leftPsoas
            let path = [
                knot(side * 27, spineY(0) - 22, 0, 7 * bulk), knot(side * 36, spineY(-40) - 18, -45, 14 * bulk), knot(side * 44, 0, -95, 19 * bulk),
                knot(side * 52, 4, -150, 22 * bulk), knot(side * 66, 18, -210, 24 * bulk), knot(side * 82, 32, -270, 19 * bulk),
            ]
            canvas.draw(psoas, Tube(path))
        }
    }

    private mutating func drawRib(_ n: Int, side: Float, on canvas: inout BodyCanvas) {
        // Rib n leaves the spine at its vertebra and runs down and forwards along the wall.
        let head = Float(12 - n) * 27 + 32
        let sweep = Float([12: 1.1, 11: 1.5, 10: 2.0][n] ?? 2.2)
        let drop = Float([12: 45, 11: 62, 10: 80][n] ?? 86) + Float(random.normal(0, 4 * variation))
        let taper = 1 - 0.012 * max(0, head - 110) / 10
        var bone = [SIMD4<Float>]()
        var tip = SIMD3<Float>.zero
        for step in 0...10 {
            let angle = 0.32 + (sweep - 0.32) * Float(step) / 10
            let (s, c) = sineCosine(Double(angle))
            let fraction = Float(step) / 10
            tip = SIMD3(
                side * (cavityRadii.x + 5) * taper * Float(s), cavityCentre.y - (cavityRadii.y + 6) * Float(c), head - drop * fraction)
            bone.append(SIMD4(tip, step == 0 ? 5 : 4.6))
        }
        canvas.draw((side > 0 ? BodyLabel.rightRib : BodyLabel.leftRib), Tube(bone))
        if n <= 10 {
            let sternum = SIMD3(side * 16, cavityCentre.y + cavityRadii.y + 3, max(95, head - drop + 12))
            var bend = (tip + sternum) * 0.5 + SIMD3(side * 12, 6, -6)
            bend.z = min(bend.z, tip.z + 25)
            canvas.draw(BodyLabel.cartilage, Tube([SIMD4(tip, 5.5), SIMD4(bend, 5.5), SIMD4(sternum, 5.5)]), .filling)
        }
    }

    private mutating func drawPelvis(on canvas: inout BodyCanvas) {
        let wing = Blob(SIMD3(0, 42, -135), SIMD3(136, 100, 140))
        for side: Float in [-1, 1] {
            let hip = side > 0 ? BodyLabel.rightHip : BodyLabel.leftHip
            let gluteus = side > 0 ? BodyLabel.rightGluteus : BodyLabel.leftGluteus
            let from = SIMD3<Float>(side > 0 ? 20 : -165, -110, -300)
            let to = SIMD3<Float>(side > 0 ? 165 : -20, 80, -105)
            canvas.draw(gluteus, from: from, to: to) { x in
                let level = wing.level(x)
                return level > 1.02 && level < 1.75 && x.y < 60 - 0.3 * (x.z + 200) && x.z < -125 && abs(x.x) > 26
            }
            canvas.draw(hip, from: from, to: to) { x in
                let level = wing.level(x)
                return level > 0.88 && level < 1.04 && x.y < 45 && x.y > -72 && abs(x.x) > 38 && x.z < -112 - 0.3 * abs(x.y)
            }
            canvas.draw(hip, Blob(SIMD3(side * 88, 18, -272), SIMD3(32, 32, 30)))
            canvas.draw(side > 0 ? BodyLabel.rightFemur : BodyLabel.leftFemur, Blob(SIMD3(side * 96, 18, -278), SIMD3(23, 23, 23)))
        }
    }
}
