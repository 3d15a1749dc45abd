using System.Buffers.Binary;
using System.Security.Cryptography;
using Tsunagi.Protocols.Mail.Classify;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Classify;

/// <summary>Model files of strangers, with a right checksum as often as not: nothing throws, what is read can be written again, and no file makes the reader take more than its table.</summary>
public sealed class ModelFileFuzz : FuzzTarget
{
    public override string Name => "mail.model";

    public override IReadOnlyList<Type> Parsers => [typeof(ModelFile)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("TSUNAGIM\u0003\u0002", "\u000e", "\u0018", "\u0080\u0080", "\u00ff\u00ff\u00ff\u007f", "\0\0\0\0");

    public override byte[] Generate(Random random)
    {
        var bits = LinearModel.MinBits + random.Next(2);
        var weights = new float[1 << bits];
        for (var i = random.Next(200); i > 0; i--)
        {
            weights[random.Next(weights.Length)] = (float)(random.NextDouble() - 0.5);
        }

        var odds = new sbyte[1 << TokenOdds.Bits(bits)];
        for (var i = random.Next(200); i > 0; i--)
        {
            odds[random.Next(odds.Length)] = (sbyte)random.Next(-127, 128);
        }

        return ModelFile.Write(new LinearModel(bits, weights, odds, random.NextDouble(), new Familiarity(random.NextSingle(), random.NextSingle(), random.NextDouble()), random.NextDouble(), 1 + random.NextDouble(), random.Next(1000), random.Next(1000)));
    }

    public override void Run(byte[] input)
    {
        Check(input);
        if (input.Length > SHA256.HashSizeInBytes)
        {
            // As if whoever changed it had made the checksum anew.
            var signed = input.ToArray();
            SHA256.HashData(signed.AsSpan(0, signed.Length - SHA256.HashSizeInBytes), signed.AsSpan(signed.Length - SHA256.HashSizeInBytes));
            Check(signed);
        }

        if (FeatureVector.TryRead(input, out var vector))
        {
            Promise(vector!.ToBytes().AsSpan().SequenceEqual(input), "features are written as they were read");
        }
    }

    private static void Check(byte[] input)
    {
        if (!ModelFile.TryRead(input, out var model, out var problem))
        {
            Promise(problem.Length > 0, "a refusal has its reason");
            return;
        }

        Promise(model!.Bits is >= LinearModel.MinBits and <= LinearModel.MaxBits && BinaryPrimitives.ReadInt32LittleEndian(input.AsSpan(52)) == model.Spam, "the head is as it stands");
        Promise(ModelFile.TryRead(ModelFile.Write(model), out _, out _), "what was read can be written");
    }
}
