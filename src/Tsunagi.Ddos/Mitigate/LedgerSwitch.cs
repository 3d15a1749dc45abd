using System.Text.Json;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>
/// The switch that works from the node's own shell with database and console away: files in the data directory that the ledger looks for several times a second.
/// <c>freeze</c> is there as long as nothing new may be announced; <c>withdraw-all</c> is taken once; <c>status</c> is the ledger's answer.
/// </summary>
internal sealed class LedgerSwitch(string dataDirectory)
{
    private readonly string _directory = Path.Combine(dataDirectory, DdosModule.Id);

    private string FreezeFile => Path.Combine(_directory, "freeze");

    private string WithdrawFile => Path.Combine(_directory, "withdraw-all");

    private string StatusFile => Path.Combine(_directory, "status");

    public string Directory => _directory;

    public SwitchOrder? Frozen => Read<SwitchOrder>(FreezeFile);

    /// <summary>The order to withdraw everything that was not taken yet.</summary>
    public SwitchOrder? Withdraw => Read<SwitchOrder>(WithdrawFile);

    public SwitchStatus? Status => Read<SwitchStatus>(StatusFile);

    public void Freeze(SwitchOrder order) => Write(FreezeFile, order);

    public void Thaw() => File.Delete(FreezeFile);

    public void WithdrawAll(SwitchOrder order) => Write(WithdrawFile, order);

    public void WithdrawTaken() => File.Delete(WithdrawFile);

    public void Tell(SwitchStatus status) => Write(StatusFile, status);

    private static T? Read<T>(string path)
        where T : class
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllText(path)) : null;
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            // A file that is being written, or was made by hand: a freeze that cannot be read is still a freeze.
            return typeof(T) == typeof(SwitchOrder) && File.Exists(path) ? (T)(object)new SwitchOrder("unreadable", 0, "unknown", "") : null;
        }
    }

    private void Write<T>(string path, T value)
    {
        System.IO.Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var fresh = path + "." + Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        File.WriteAllText(fresh, JsonSerializer.Serialize(value));
        File.Move(fresh, path, overwrite: true);
    }
}

/// <summary>An order given on the node.</summary>
/// <param name="Id">Told again when it is done.</param>
internal sealed record SwitchOrder(string Id, long AtMicros, string By, string Reason);

/// <summary>How the ledger stands.</summary>
/// <param name="Withdrawn">The last order to withdraw everything that was done.</param>
/// <param name="Announced">Routes that routers have been told and not told to forget, over all sessions.</param>
internal sealed record SwitchStatus(bool Frozen, int Active, int Announced, string Withdrawn, int WithdrawnCount, long AtMicros, string Boot);
