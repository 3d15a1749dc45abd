namespace Tsunagi.Tests.Testing.Fuzz;

/// <summary>Breaks valid messages: a few small changes each, with the words of the target's grammar. The same seed gives the same inputs.</summary>
internal sealed class FuzzMutator(FuzzTarget target, Random random)
{
    private static readonly byte[] Telling = [0, 1, 9, 10, 13, 32, 34, 45, 46, 58, 60, 62, 64, 91, 92, 93, 127, 128, 192, 255];

    public byte[] Next()
    {
        byte[] input = target.Generate(random);
        // One input in four stays as the grammar made it, so the deep paths are walked as well.
        int changes = random.Next(4) == 0 ? 0 : 1 + random.Next(4);
        for (int i = 0; i < changes; i++)
        {
            input = Change(input);
        }

        return input.Length <= target.MaxOctets ? input : input[..target.MaxOctets];
    }

    private byte[] Change(byte[] input)
    {
        int at = random.Next(input.Length + 1);
        int length = Math.Min(input.Length - at, 1 << random.Next(6));
        switch (random.Next(9))
        {
            case 0 when input.Length > 0:
                return With(input, random.Next(input.Length), octet => (byte)(octet ^ (1 << random.Next(8))));
            case 1 when input.Length > 0:
                return With(input, random.Next(input.Length), _ => Telling[random.Next(Telling.Length)]);
            case 2 when input.Length > 0:
                return With(input, random.Next(input.Length), octet => (byte)(octet + random.Next(5) - 2));
            case 3:
                return [.. input[..at], Telling[random.Next(Telling.Length)], .. input[at..]];
            case 4:
                return [.. input[..at], .. input[(at + length)..]];
            case 5:
                return [.. input[..(at + length)], .. input[at..]];
            case 6:
                return input[..at];
            case 7:
                byte[] other = target.Generate(random);
                return [.. input[..at], .. other[random.Next(other.Length + 1)..]];
            default:
                byte[] word = target.Words.Count == 0 ? [(byte)random.Next(256)] : target.Words[random.Next(target.Words.Count)];
                return random.Next(2) == 0 ? [.. input[..at], .. word, .. input[at..]] : [.. input[..at], .. word, .. input[(at + length)..]];
        }
    }

    private static byte[] With(byte[] input, int at, Func<byte, byte> change)
    {
        byte[] changed = [.. input];
        changed[at] = change(changed[at]);
        return changed;
    }
}
