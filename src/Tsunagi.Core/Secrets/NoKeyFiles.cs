using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Tsunagi.Core.Secrets;

/// <summary>Keeps the framework from writing key files that nothing uses: see <see cref="FormProtection"/>.</summary>
internal sealed class NoKeyFiles : IXmlRepository
{
    private readonly List<XElement> _elements = [];

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (_elements)
        {
            return [.. _elements];
        }
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        lock (_elements)
        {
            _elements.Add(element);
        }
    }
}
