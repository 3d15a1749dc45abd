using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tsunagi.BackOffice.Bank;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.BackOffice.Bank;

/// <summary>Whole files as banks send them, with what is read of them; those named "broken" with the faults.</summary>
public class Bank_golden_files
{
    private const string Folder = "BackOffice/Bank";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    public static TheoryData<string> Names() => Golden.Cases(Folder);

    [Theory]
    [Trait("Golden", "true")]
    [MemberData(nameof(Names))]
    public void Are_read_as_a_person_read_them(string name) => Golden.Check(Folder, name, file =>
    {
        var isRead = BankFile.TryRead(file, Csv_files.Japanese, Zengin_files.AsOf, BankLimits.Default, out var statements, out var faults);
        Assert.Equal(!name.EndsWith("broken", StringComparison.Ordinal), isRead);
        return Encoding.UTF8.GetBytes((isRead ? JsonSerializer.Serialize(statements, Json) : string.Join('\n', faults)) + "\n");
    });
}
