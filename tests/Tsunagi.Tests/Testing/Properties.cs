using FsCheck;
using FsCheck.Fluent;

namespace Tsunagi.Tests.Testing;

/// <summary>Runs an FsCheck property a bounded number of times and throws with the seed and the shrunk case on the first failure.</summary>
public static class Properties
{
    /// <summary>Runs <paramref name="holds"/> on <paramref name="count"/> drawn values.</summary>
    public static void Holds<T>(Gen<T> values, Action<T> holds, int count = 500) =>
        Prop.ForAll(values.ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(count).WithQuietOnSuccess(true));

    /// <summary>Octets drawn from an alphabet in which the interesting ones are frequent, up to <paramref name="maxLength"/>.</summary>
    public static Gen<byte[]> Bytes(string frequent, int maxLength) =>
        from length in Gen.Choose(0, maxLength)
        from octets in Gen.ArrayOf(
            Gen.Frequency(
                (6, Gen.Elements(frequent.ToCharArray()).Select(c => (byte)c)),
                (1, Gen.Choose(0, 255).Select(b => (byte)b))),
            length)
        select octets;

    /// <summary>Ascending cut places within <paramref name="length"/>.</summary>
    public static Gen<int[]> Cuts(int length) =>
        from count in Gen.Choose(0, 6)
        from cuts in Gen.ArrayOf(Gen.Choose(0, Math.Max(0, length)), count)
        select cuts.Order().ToArray();
}
