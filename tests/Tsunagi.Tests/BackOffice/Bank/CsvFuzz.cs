using System.Text;
using Tsunagi.BackOffice.Bank;
using Tsunagi.BackOffice.Bank.Csv;

namespace Tsunagi.Tests.BackOffice.Bank;

/// <summary>The first octet chooses the mapping.</summary>
public sealed class CsvFuzz : BankFuzz
{
    private static readonly CsvMapping[] Mappings =
    [
        Csv_files.Japanese with { Encoding = CsvEncoding.Utf8 }, Csv_files.Japanese, Csv_files.German, Csv_files.German with { Date = "0" }, Csv_files.German with { In = "8" }, Csv_files.German with { Currency = "XXX" },
    ];

    public override string Name => "bank.csv";

    public override IReadOnlyList<Type> Parsers { get; } = [.. In("Csv."), .. In("BankAmount")];

    internal override Parse Parser => (byte[] file, BankLimits limits, out IReadOnlyList<BankStatement> statements, out IReadOnlyList<BankFault> faults) =>
        CsvFile.TryParse(file.AsSpan(Math.Min(1, file.Length)), Mappings[file.Length == 0 ? 0 : file[0] % Mappings.Length], limits, out statements, out faults);

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("\"", "\"\"", ";", ",", "\r", "\n", "\r\n", "-", "1.234,56", "99999999999999999999", "0,001", "31.10.2026", "x");

    public override byte[] Generate(Random random)
    {
        var choice = random.Next(12) switch { < 5 => 0, 5 => 1, < 10 => 2, 10 => random.Next(3, 5), _ => 5 };
        var text = new StringBuilder();
        long balance = random.Next(-1_000, 1_000);
        if (choice < 2)
        {
            text.Append("口座\r\n").Append(random.Next(12) == 0 ? "日\r\n" : "お取引日,お引出金額,お預入金額,摘要,残高\r\n");
        }

        for (var rows = random.Next(0, 8); rows > 0; rows--)
        {
            var amount = random.Next(-500, 500);
            balance += random.Next(20) == 0 ? 1 : amount;
            text.Append(choice < 2
                ? $"2026/10/{random.Next(10, 33)},{(amount < 0 ? -amount : "")},{(amount >= 0 && random.Next(20) > 0 ? amount : "")},{Pick(random, "ア", "\"a,\"\"b\r\nc\"", new string('x', random.Next(50, 70)))},{balance}\n"
                : $"{random.Next(10, 33)}.10.2026;{Pick(random, "", "01.11.2026")};{Pick(random, "A", "\"B;\rC\"")};R;{amount},{random.Next(10, 99)};{Pick(random, "", "DE02")};{Pick(random, "", "N", "M")}\r");
        }

        var octets = choice == 1 ? CodePagesEncodingProvider.Instance.GetEncoding(932)!.GetBytes(text.ToString()) : Utf8((random.Next(4) == 0 ? "\uFEFF" : "") + text);
        return [(byte)choice, .. octets];
    }
}
