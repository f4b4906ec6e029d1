using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;
using Rollcall.Data;

namespace Rollcall.Security;

/// <summary>
/// Stores the keys that protect cookies and form tokens in the database, so that every instance can read what another
/// wrote, even after a restart.
/// </summary>
internal sealed class SharedKeys(NpgsqlDataSource database) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var command = database.CreateCommand("select xml from data_protection_keys order by created_at");
        using var rows = command.ExecuteReader();
        var keys = new List<XElement>();
        while (rows.Read())
        {
            keys.Add(XElement.Parse(rows.GetString(0)));
        }

        return keys;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var command = database.Command(
            "insert into data_protection_keys (name, xml) values ($1, $2)",
            friendlyName,
            element.ToString(SaveOptions.DisableFormatting)
        );
        command.ExecuteNonQuery();
    }
}
