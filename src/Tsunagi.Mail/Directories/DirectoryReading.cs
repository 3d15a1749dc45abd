using Tsunagi.Core.Outbound;
using Tsunagi.Protocols.Net.Ldap;

namespace Tsunagi.Mail.Directories;

/// <summary>Reads one directory from its first object to its last.</summary>
internal sealed class DirectoryReading(OutboundTcp outbound, MailOptions options, TimeProvider time)
{
    /// <exception cref="DirectoryException">It was not read whole: nothing may be concluded about who is missing.</exception>
    public async ValueTask<DirectoryRows> ReadAsync(DirectorySettings settings, string password, IEnumerable<string> domains, CancellationToken cancellationToken)
    {
        if (!LdapFilter.TryParse(settings.Filter, out var filter, out var error))
        {
            throw new DirectoryException($"the filter cannot be read: {error}");
        }

        using var deadline = new CancellationTokenSource(options.Directories.Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var rows = new DirectoryRows(settings, domains.ToHashSet(StringComparer.OrdinalIgnoreCase));
        try
        {
            await using var session = await LdapSession.OpenAsync(outbound, settings, password, options.Directories, time, either.Token);
            await session.SearchAsync(filter!, [.. AttributesOf(settings)], rows.Add);
        }
        catch (DirectoryException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new DirectoryException($"{settings.Url} was not read within {options.Directories.Deadline.TotalSeconds:0} seconds; {rows.Objects} objects came");
        }

        cancellationToken.ThrowIfCancellationRequested();
        return rows;
    }

    private static IEnumerable<string> AttributesOf(DirectorySettings settings) =>
        new[] { settings.AddressAttribute, settings.AliasAttribute, settings.GroupAttribute }.Where(static name => name.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase);
}
