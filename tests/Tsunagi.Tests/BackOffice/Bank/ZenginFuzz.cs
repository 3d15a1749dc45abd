using Tsunagi.BackOffice.Bank.Zengin;

namespace Tsunagi.Tests.BackOffice.Bank;

public sealed class ZenginFuzz : BankFuzz
{
    public override string Name => "bank.zengin";

    public override IReadOnlyList<Type> Parsers { get; } = In("Zengin.");

    internal override Parse Parser => (byte[] file, Tsunagi.BackOffice.Bank.BankLimits limits, out IReadOnlyList<Tsunagi.BackOffice.Bank.BankStatement> statements, out IReadOnlyList<Tsunagi.BackOffice.Bank.BankFault> faults) =>
        ZenginFile.TryParse(file, Zengin_files.AsOf, limits, out statements, out faults);

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("\r\n", "000000", "      ", "081030", "999999", "1010", "1030", "1910", "2", "8", "9", "\u001A");

    public override byte[] Generate(Random random)
    {
        var kind = Pick(random, "01", "03", "91");
        var sample = new ZenginSample(kind, Pick(random, "\r\n", "\n", "")) { TrailerOff = random.Next(12) == 0 ? 1 : 0 };
        for (var accounts = random.Next(1, 3); accounts > 0; accounts--)
        {
            sample.Header(Pick(random, "0012345", "9104477"), random.Next(-50_000, 50_000));
            for (var data = random.Next(0, 4); data > 0; data--)
            {
                sample.Data(random.Next(-9_000, 9_000), Pick(random, "ｶ)ﾐﾔｺｼﾖｸﾋﾝ", "ﾀｶｻｷ", ""), Pick(random, "", "2026-000123"), random.Next(0, 3), Pick(random, "081030", "261030", "310430"), Pick(random, "", "0000002931"));
            }

            sample.Trailer();
        }

        return sample.End();
    }
}
